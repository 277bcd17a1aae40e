// Package github speaks to GitHub's REST and GraphQL APIs: with one token, which travels to its API alone, with the waits that
// GitHub asks for, and with errors that keep what GitHub said. It also asks for what an application repository shows and
// receives there: the order of its commits, its deployments and commit statuses.
package github

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	httptransport "github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// Client sends requests to one GitHub with the token of one source. It is safe for concurrent use.
type Client struct {
	http     *http.Client
	endpoint apiEndpoint
	identity Identity
}

// New returns a Client. Its errors are a problem.Usage for the address, ErrNoToken and ErrMalformedToken; nothing is requested
// yet.
func New(o Options) (*Client, error) {
	token, err := parseToken(o.Token)
	if err != nil {
		if _, wrong := parseEndpoint(o.APIURL); wrong != nil {
			return nil, wrong
		}
		return nil, err
	}
	return NewWith(o, credential.Static(token))
}

// NewWith returns a Client whose token is that of a source.
func NewWith(o Options, source credential.Source) (*Client, error) {
	endpoint, err := parseEndpoint(o.APIURL)
	if err != nil {
		return nil, err
	}
	return newClient(o.WithDefaults(), endpoint, source), nil
}

func newClient(o Options, endpoint apiEndpoint, source credential.Source) *Client {
	wire := &retryTransport{
		base:       requests.Transport(httptransport.New(httptransport.Options{Base: o.Transport, MaxBody: o.MaxBody, Private: true})),
		origin:     endpoint.rest,
		credential: source,
		userAgent:  o.UserAgent,
		clock:      o.Clock,
		pause:      o.Pause(),
		notice:     o.Notice,
	}
	return &Client{http: &http.Client{Transport: wire}, endpoint: endpoint, identity: o.Identity}
}

// Host returns where the API is, with its port where that has one.
func (c *Client) Host() string { return c.endpoint.rest.Host }

// Identity returns what the requests are made as.
func (c *Client) Identity() Identity { return c.identity }

// readAnswer returns the body of a successful answer, and a StatusError for any other.
func (c *Client) readAnswer(req *http.Request) ([]byte, error) {
	body, _, err := c.exchange(req)
	return body, err
}

// exchange is send with the answer's header.
func (c *Client) exchange(req *http.Request) ([]byte, http.Header, error) {
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, c.explainUnreachable(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, c.newStatusError(res, body)
	}
	return body, res.Header, nil
}

func (c *Client) explainUnreachable(err error) error {
	if unsent, ok := errors.AsType[*unsentError](err); ok { // it says itself what it is about
		return unsent
	}
	if cover, ok := errors.AsType[*url.Error](err); ok { // it repeats the method and the address, which the caller's message has in words
		err = cover.Err
	}
	return fmt.Errorf("reaching %s: %w", c.endpoint.rest.Host, err)
}

// SplitRepository splits owner/name, which was checked when the configuration was read.
func SplitRepository(repository string) (owner, name string) {
	owner, name, _ = strings.Cut(repository, "/")
	return owner, name
}
