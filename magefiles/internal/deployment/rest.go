package deployment

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	gogithub "github.com/google/go-github/v62/github"
)

// rest is the backend on GitHub's Git Data interface (https://docs.github.com/en/rest/git), for servers whose GraphQL is
// older than createCommitOnBranch. It writes a tree and a commit that no branch has, and then moves the branch to the
// commit without force. That is the compare-and-swap: a head that has moved is no ancestor of the commit. It differs from
// GraphQL's where somebody sets the branch back to an earlier commit meanwhile, which a fast forward undoes. GitHub signs
// the commit only for an App.
type rest struct{ *api }

var _ backend = (*rest)(nil)

// client is go-github for one request: it remembers a refusal, and that a limit is used up, and then answers the next
// request by itself, which is the transport's decision to make.
func (r *rest) client() *gogithub.Client {
	client := gogithub.NewClient(&http.Client{Transport: repeatable{r.http.Transport}})
	client.BaseURL = r.endpoint.rest.JoinPath("/")
	return client
}

// repeatable marks every request as one that may be sent again. Objects have the id of their content, a commit that was
// made twice is on no branch, and moving a branch to the same commit again does nothing.
type repeatable struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t repeatable) RoundTrip(req *http.Request) (*http.Response, error) {
	marked := req.Clone(req.Context())
	markIdempotent(marked)
	return t.base.RoundTrip(marked)
}

// refusal turns an error of go-github into the statusError that the diagnosis knows, or into the failure to get an answer.
func (r *rest) refusal(res *gogithub.Response, err error) error {
	switch {
	case err == nil:
		return nil
	case res == nil || res.Response == nil:
		return r.unreachable(err)
	case res.StatusCode < http.StatusMultipleChoices:
		return fmt.Errorf("decoding the answer: %w", err)
	}
	body, readErr := io.ReadAll(res.Body) // go-github has put it back
	if readErr != nil {
		return fmt.Errorf("reading the answer: %w", readErr)
	}
	return newStatusError(res.Response, body)
}

// hasStatus reports whether GitHub answered with one of the statuses.
func hasStatus(err error, statuses ...int) bool {
	e, ok := errors.AsType[*statusError](err)
	if !ok {
		return false
	}
	return slices.Contains(statuses, e.status)
}

// split takes a repository's name apart; it was checked when the configuration was read.
func split(repository string) (owner, name string) {
	owner, name, _ = strings.Cut(repository, "/")
	return owner, name
}

// NewREST makes go-github's client on the transport of this package, which waits and repeats as GitHub asks, and sends the
// token of o to its API alone. It is for chores that are no bump.
func NewREST(o Options) (*gogithub.Client, error) {
	endpoint, err := parseEndpoint(o.APIURL)
	if err != nil {
		return nil, err
	}
	if o.Token, err = parseToken(o.Token); err != nil {
		return nil, err
	}
	o.setDefaults()
	return (&rest{newAPI(o, endpoint)}).client(), nil
}
