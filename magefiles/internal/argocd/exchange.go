package argocd

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const (
	maxTokenBody  = 1 << 20
	longestToken  = 16 << 10
	exchangeTries = 4
	exchangePause = 2 * time.Second // before the first repetition; it doubles
)

// exchange gets tokens of Argo CD for the identity of a workflow: GitHub says which one it is, and Argo CD's Dex gives its own token for
// that (RFC 8693), so that no token of Argo CD has to be kept anywhere.
// https://argo-cd.readthedocs.io/en/stable/operator-manual/user-management/github-actions/
type exchange struct {
	base      *url.URL
	workflow  Workflow
	connector string // id of the connector in dex.config
	audience  string
	dex       *http.Client
	github    *http.Client
	clock     Clock
	hide      func(string)
	subject   string // that Dex saw last; empty where it is not known
}

// newExchange returns the exchange of a client at its own server.
func newExchange(c *Client, o Options) *exchange {
	return &exchange{
		base: c.base, workflow: *o.Workflow, clock: c.clock, hide: o.Hide, dex: c.http,
		connector: cmp.Or(o.Connector, "github-actions"), audience: cmp.Or(o.Audience, c.base.String()),
		github: &http.Client{Transport: newIdentityTransport(), CheckRedirect: keepRedirect},
	}
}

// source renews the tokens.
func (e *exchange) source() credential.Source { return credential.NewRenewing(e.issue, 0, e.clock) }

// issue repeats what a server that restarts fails at.
func (e *exchange) issue(ctx context.Context) (credential.Issued, error) {
	pause := backoff.Exponential{First: exchangePause, Longest: time.Minute, Jitter: func() float64 { return 1 }}
	for n := 1; ; n++ {
		issued, again, err := e.issueOnce(ctx)
		if err == nil || !again || n == exchangeTries {
			return issued, err
		}
		if err := e.clock.Sleep(ctx, pause.Before(n)); err != nil {
			return credential.Issued{}, err
		}
	}
}

// issueOnce reports also whether trying again may help.
func (e *exchange) issueOnce(ctx context.Context) (issued credential.Issued, again bool, err error) {
	identity, err := e.identityToken(ctx)
	if err != nil {
		return credential.Issued{}, problem.As(err) == nil, err
	}
	e.subject = subjectOf(identity)
	request, err := e.request(ctx, identity)
	if err != nil {
		return credential.Issued{}, false, err
	}
	status, body, err := e.send(e.dex, request)
	if err != nil {
		return credential.Issued{}, true, fmt.Errorf("%s: %w", e.what(), err)
	}
	if status != http.StatusOK {
		again = status >= http.StatusInternalServerError || status == http.StatusTooManyRequests
		return credential.Issued{}, again, e.explain(status, body)
	}
	var answer struct {
		Token   string  `json:"access_token"`
		Seconds float64 `json:"expires_in"`
	}
	if json.Unmarshal(body, &answer) != nil || !isJWT(answer.Token) || answer.Seconds < 0 {
		return credential.Issued{}, false, e.noDex()
	}
	e.hide(answer.Token)
	lifetime := time.Duration(min(answer.Seconds, 1e9)) * time.Second
	return credential.Issued{Token: answer.Token, Lifetime: lifetime}, false, nil
}

// request is the exchange of an identity (RFC 8693, section 2.1), as Dex wants it.
func (e *exchange) request(ctx context.Context, identity string) (*http.Request, error) {
	form := url.Values{
		"grant_type":           {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"connector_id":         {e.connector},
		"scope":                {"openid email profile federated:id"},
		"requested_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
		"subject_token":        {identity},
		"subject_token_type":   {"urn:ietf:params:oauth:token-type:id_token"},
	}
	body := strings.NewReader(form.Encode())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.base.String()+"/api/dex/token", body)
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth("argo-cd-cli", "") // the client that Argo CD itself registers at its Dex, which has no secret
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	return request, nil
}

// what is the beginning of every error.
func (e *exchange) what() string {
	return "exchanging the workflow's identity at " + e.base.String() + "/api/dex/token"
}

func (e *exchange) noDex() error {
	return problem.New(problem.Failed, "let Argo CD run its Dex: dex.config in argocd-cm; or leave argocd.auth out of astrago.yaml, and "+
		"set ARGOCD_AUTH_TOKEN", "%s: the answer is not from Dex", e.what())
}

// explain turns a refusal of Dex (RFC 6749, section 5.2) into a Problem.
func (e *exchange) explain(status int, body []byte) error {
	var told struct {
		Code string `json:"error"`
		Text string `json:"error_description"`
	}
	if json.Unmarshal(body, &told) != nil || told.Code == "" {
		if status < http.StatusInternalServerError {
			return e.noDex()
		}
		return problem.New(problem.Failed, problem.Again, "%s: it answered %d %s", e.what(), status, http.StatusText(status))
	}
	answer := fmt.Sprintf("%d %s", status, strings.TrimSpace(told.Code+" "+oneLine(told.Text)))
	switch {
	case told.Code == "invalid_request" && strings.Contains(told.Text, "onnector"):
		return problem.New(problem.Failed, "name the id of a connector of type oidc that dex.config in argocd-cm has: argocd.connector in "+
			"astrago.yaml", "%s: it has no connector %q that takes such tokens (%s)", e.what(), e.connector, answer)
	case told.Code == "access_denied":
		return problem.New(problem.Failed, "compare the connector's issuer in dex.config with GitHub's: "+
			"https://token.actions.githubusercontent.com, on GitHub Enterprise Server https://HOST/_services/token; Dex's log says more",
			"%s: it does not take the identity of this workflow%s (%s)", e.what(), e.asSubject(), answer)
	case told.Code == "unsupported_grant_type":
		return problem.New(problem.Failed, "use a Dex from 2.37 on, and let its oauth2.grantTypes have the token exchange",
			"%s: it exchanges no tokens (%s)", e.what(), answer)
	case told.Code == "invalid_client":
		return problem.New(problem.Failed, "let Argo CD make Dex's configuration, which has the client argo-cd-cli",
			"%s: it knows no client argo-cd-cli (%s)", e.what(), answer)
	}
	return problem.New(problem.Failed, problem.Again+"; Dex's log says more", "%s: it answered %s", e.what(), answer)
}

// advise says what to do where Argo CD refuses what its Dex has given.
func (e *exchange) advise(t Target, status *statusError) error {
	if status.status == http.StatusUnauthorized {
		return problem.New(problem.Failed, "let Argo CD sign in by its own Dex: dex.config, and no oidc.config, in argocd-cm",
			"%s does not take the token of its Dex (%w)", e.base.Host, status)
	}
	subject := cmp.Or(e.subject, "repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH")
	return problem.New(problem.Failed, "check `argocd.application`, `argocd.project` and `argocd.namespace` in astrago.yaml\n"+
		"and let the workflow see it, in policy.csv of argocd-rbac-cm: p, "+subject+", applications, get, "+projectFlag(t)+"/"+
		t.qualifiedName()+", allow",
		"it does not exist, or this workflow%s may not see it (%w)", e.asSubject(), status)
}

// asSubject says which workflow it is, where that is known.
func (e *exchange) asSubject() string {
	if e.subject == "" {
		return ""
	}
	return " (" + e.subject + ")"
}

// isJWT reports whether a text is one of the tokens that both servers give.
func isJWT(text string) bool { return len(text) <= longestToken && tokenGrammar.MatchString(text) }

// subjectGrammar is that of a workflow's subject, such as repo:acme/backend:environment:prod.
var subjectGrammar = regexp.MustCompile(`^[A-Za-z0-9_./:@=+-]{1,300}$`)

// subjectOf reads which workflow a token is of, for messages: it proves nothing.
func subjectOf(token string) string {
	var claims struct{ Sub string }
	parts := strings.Split(token, ".")
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(data, &claims) != nil || !subjectGrammar.MatchString(claims.Sub) {
		return ""
	}
	return claims.Sub
}
