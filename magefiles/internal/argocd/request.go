package argocd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// A call that waits for a comparison blocks for as long as the controller is frozen, so each call has a time of its own.
const (
	answerTimeout  = 15 * time.Second
	refreshTimeout = 30 * time.Second // with git frozen, Argo CD itself gave up after 15 s
	maxBody        = 64 << 20         // an application lists every resource, also of charts with thousands
)

// errSlow is the cause of a context that a call's own timeout ended.
var errSlow = errors.New("no answer from Argo CD in time")

// statusError is an answer that is no success.
type statusError struct {
	status   int
	code     int    // gRPC's, 0 where the answer is not Argo CD's
	message  string // Argo CD's own words; empty where the answer is not Argo CD's
	location string // where a redirect leads
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%d %s", e.status, http.StatusText(e.status))
	if e.message != "" {
		text += ": " + oneLine(e.message)
	}
	return text
}

// errNotArgoCD is an answer that is a success of something else.
var errNotArgoCD = errors.New("what answers there is not Argo CD's API")

// fetchApp asks for the state, which may be that of before a commit; with refresh only after a comparison with what the
// repository has now.
func (c *Client) fetchApp(ctx context.Context, t Target, refresh bool) (*appState, error) {
	query, timeout := t.projectQuery(), answerTimeout
	if refresh {
		query.Set("refresh", "normal")
		timeout = refreshTimeout
	}
	app := &appState{}
	if err := c.getJSON(ctx, timeout, "/api/v1/applications/"+url.PathEscape(t.Application), query, app); err != nil {
		return nil, err
	}
	if app.Metadata.Name != t.Application {
		return nil, errNotArgoCD
	}
	return app, nil
}

// projectQuery names the application's project, so that Argo CD tells what does not exist from what may not be seen.
func (t Target) projectQuery() url.Values {
	query := url.Values{}
	if t.Project != "" {
		query.Set("project", t.Project)
	}
	if t.Namespace != "" {
		query.Set("appNamespace", t.Namespace)
	}
	return query
}

// getJSON decodes an answer. The errors hold no header, and so no token. A token that is refused is replaced once, where it can be.
func (c *Client) getJSON(ctx context.Context, timeout time.Duration, path string, query url.Values, into any) error {
	token, err := c.token.Token(ctx)
	if err != nil {
		return err
	}
	err = c.getOnce(ctx, token, timeout, path, query, into)
	if status, ok := errors.AsType[*statusError](err); !ok || status.status != http.StatusUnauthorized || !c.token.Refused(ctx, token) {
		return err
	}
	if token, err = c.token.Token(ctx); err != nil {
		return err
	}
	return c.getOnce(ctx, token, timeout, path, query, into)
}

func (c *Client) getOnce(ctx context.Context, token string, timeout time.Duration, path string, query url.Values, into any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errSlow)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.String()+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token) // ArgoCD knows the scheme in this spelling only
	request.Header.Set("User-Agent", c.agent)
	request.Header.Set("Accept", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return contextCause(ctx, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return contextCause(ctx, err)
	case response.StatusCode != http.StatusOK:
		return responseError(response, body)
	case json.Unmarshal(body, into) != nil:
		return errNotArgoCD
	}
	return nil
}

// contextCause returns the context's cause where it has one, else the error of the request.
func contextCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func responseError(response *http.Response, body []byte) error {
	e := &statusError{status: response.StatusCode, location: response.Header.Get("Location")}
	var told struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &told) == nil {
		e.code, e.message = told.Code, told.Message
	}
	return e
}
