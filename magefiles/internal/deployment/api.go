package deployment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	httptransport "github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// api is what the backends share: where GitHub is, and a client whose transport authenticates and repeats.
type api struct {
	http     *http.Client
	endpoint endpoint
	clock    Clock
}

// newAPI takes options that are complete and checked.
func newAPI(o Options, endpoint endpoint) *api {
	wire := &transport{
		base:      requests.Transport(httptransport.New(httptransport.Options{Base: o.Transport, MaxBody: maxBody, Private: true})),
		origin:    endpoint.rest,
		token:     o.Token,
		userAgent: o.UserAgent,
		clock:     o.Clock,
		pause:     o.pause(),
		notice:    o.Notice,
	}
	return &api{http: &http.Client{Transport: wire}, endpoint: endpoint, clock: o.Clock}
}

// statusError is an answer that is no success, kept whole for the diagnosis.
type statusError struct {
	status  int
	header  http.Header
	text    string // GitHub's message and details
	limited bool   // refused for its frequency
}

func (e *statusError) Error() string {
	if e.text == "" {
		return fmt.Sprintf("GitHub answered %d %s", e.status, http.StatusText(e.status))
	}
	return fmt.Sprintf("GitHub answered %d: %s", e.status, e.text)
}

func newStatusError(res *http.Response, body []byte) *statusError {
	return &statusError{status: res.StatusCode, header: res.Header, text: errorText(body), limited: rateLimited(res, body)}
}

// errorText is the message of an error answer with its details, which are texts or objects
// (https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api). A proxy's error page has none.
func errorText(body []byte) string {
	var answer struct {
		Message string
		Errors  []json.RawMessage
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	var text strings.Builder
	text.WriteString(strings.Join(strings.Fields(answer.Message), " "))
	for _, raw := range answer.Errors {
		var detail struct{ Resource, Field, Code, Message string }
		var words string
		if json.Unmarshal(raw, &words) != nil && json.Unmarshal(raw, &detail) == nil {
			words = strings.Join(strings.Fields(strings.Join([]string{detail.Resource, detail.Field, detail.Code, detail.Message}, " ")), " ")
		}
		if words != "" {
			text.WriteString("; " + words)
		}
	}
	return text.String()
}

// send gives the body of a successful answer, and a statusError for any other.
func (a *api) send(req *http.Request) ([]byte, error) {
	body, _, err := a.exchange(req)
	return body, err
}

// exchange is send with the answer's header.
func (a *api) exchange(req *http.Request) ([]byte, http.Header, error) {
	res, err := a.http.Do(req)
	if err != nil {
		return nil, nil, a.unreachable(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, newStatusError(res, body)
	}
	return body, res.Header, nil
}

func (a *api) unreachable(err error) error {
	if cover, ok := errors.AsType[*url.Error](err); ok { // it repeats the method and the address, which the caller's message has in words
		err = cover.Err
	}
	return fmt.Errorf("reaching %s: %w", a.endpoint.rest.Host, err)
}

// raw gives a file's exact bytes at a commit through REST, which serves them up to 100 MB
// (https://docs.github.com/en/rest/repos/contents#get-repository-content).
func (a *api) raw(ctx context.Context, repository, path, commit string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.endpoint.contents(repository, path, commit), nil)
	if err != nil {
		return nil, fmt.Errorf("preparing the request for %q: %w", path, err)
	}
	req.Header.Set("Accept", "application/vnd.github.raw+json")
	return a.send(req)
}
