package argocd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// Workflow is the endpoint at which a GitHub job requests its identity token, available with the permission id-token: write.
type Workflow struct {
	RequestURL   string // ACTIONS_ID_TOKEN_REQUEST_URL
	RequestToken string // ACTIONS_ID_TOKEN_REQUEST_TOKEN
}

const permissionRemedy = "let the job, and the workflow that calls it, have permissions: id-token: write"

// identityToken asks GitHub for a token that says which workflow this is, for one audience (OpenID Connect).
// https://docs.github.com/en/actions/reference/security/oidc
func (e *exchange) identityToken(ctx context.Context) (string, error) {
	const what = "asking GitHub for the identity of this workflow"
	address, err := url.Parse(e.workflow.RequestURL)
	if err != nil || address.Host == "" {
		return "", problem.New(problem.Usage, permissionRemedy, "%s: ACTIONS_ID_TOKEN_REQUEST_URL is not a URL", what)
	}
	query := address.Query()
	query.Set("audience", e.audience)
	address.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	request.Header.Set("Authorization", "Bearer "+e.workflow.RequestToken)
	request.Header.Set("Accept", "application/json")
	status, body, err := e.send(e.github, request)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", what, err)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "", problem.New(problem.Failed, permissionRemedy+"; a job may also have run for too long",
			"%s: it answered %d %s", what, status, http.StatusText(status))
	case status != http.StatusOK:
		return "", problem.New(problem.Failed, problem.Again, "%s: it answered %d %s", what, status, http.StatusText(status))
	}
	var answer struct{ Value string }
	if json.Unmarshal(body, &answer) != nil || !isJWT(answer.Value) {
		return "", problem.New(problem.Failed, problem.Again, "%s: the answer has no token", what)
	}
	e.hide(answer.Value)
	return answer.Value, nil
}

// newIdentityTransport is for GitHub's own address, which Argo CD's certificates say nothing of.
func newIdentityTransport() http.RoundTripper {
	return requests.Transport(transport.New(transport.Options{MaxBody: maxTokenBody, Private: true}))
}

// send returns an answer whole. A redirect is an answer: no credential follows it.
func (e *exchange) send(client *http.Client, request *http.Request) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeoutCause(request.Context(), answerTimeout, errSlow)
	defer cancel()
	response, err := client.Do(request.WithContext(ctx))
	if err != nil {
		return 0, nil, contextCause(ctx, err)
	}
	defer response.Body.Close()
	if body, err = io.ReadAll(response.Body); err != nil {
		return 0, nil, contextCause(ctx, err)
	}
	return response.StatusCode, body, nil
}
