// Package deployment reads and writes the deployment repository through GitHub's API, without a clone. Everything is read
// at one commit, edited as bytes, and committed with a compare-and-swap on the branch's head: when the head has moved,
// the work starts again from the new head's content, so that nobody's change is lost.
package deployment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const (
	defaultAttempts = 20
	defaultDeadline = 5 * time.Minute
	firstPause      = 300 * time.Millisecond
	longestPause    = 10 * time.Second
)

// Options configures a Client. Only APIURL and Token are required.
type Options struct {
	APIURL    string     // as GITHUB_API_URL has it: https://api.github.com, https://HOST/api/v3
	Token     string     // DEPLOY_TOKEN; it travels in the Authorization header to APIURL's host and nowhere else
	API       config.API // for deployments that name none; GraphQL by default
	Formerly  []string   // names that the application's repository and service had before: commits that name them are its own
	UserAgent string     // GitHub refuses requests without one; "astrago-ci" by default

	Attempts int           // compare-and-swap attempts of one Bump, 20 by default
	Deadline time.Duration // for one Read or Bump with all its waits, 5 minutes by default

	Transport http.RoundTripper    // below retries and authentication; http.DefaultTransport by default
	Clock     Clock                // the machine's own by default
	Jitter    func() float64       // in [0, 1), safe for concurrent use; math/rand/v2 by default
	Notice    func(message string) // told of every wait and conflict; nothing by default
}

// Client reads and bumps deployment repositories. It is safe for concurrent use.
type Client struct {
	graphql  *graphql
	rest     *rest
	api      config.API
	attempts int
	deadline time.Duration
	clock    Clock
	pause    backoff.Exponential
	notice   func(string)
	formerly []string
}

// New makes a Client. Its errors are configuration errors (problem.Usage); nothing is requested yet.
func New(o Options) (*Client, error) {
	endpoint, err := parseEndpoint(o.APIURL)
	if err != nil {
		return nil, err
	}
	if o.Token, err = parseToken(o.Token); err != nil {
		return nil, err
	}
	o.setDefaults()
	shared := newAPI(o, endpoint)
	return &Client{
		graphql:  &graphql{shared},
		rest:     &rest{shared},
		api:      o.API,
		attempts: o.Attempts,
		deadline: o.Deadline,
		clock:    o.Clock,
		pause:    o.pause(),
		notice:   o.Notice,
		formerly: o.Formerly,
	}, nil
}

func (o *Options) pause() backoff.Exponential {
	return backoff.Exponential{First: firstPause, Longest: longestPause, Jitter: o.Jitter}
}

func (o *Options) setDefaults() {
	o.API = cmp.Or(o.API, config.APIGraphQL)
	o.UserAgent = cmp.Or(o.UserAgent, "astrago-ci")
	o.Attempts = cmp.Or(o.Attempts, defaultAttempts)
	o.Deadline = cmp.Or(o.Deadline, defaultDeadline)
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Clock == nil {
		o.Clock = backoff.System{}
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
}

// backend is the one that the deployment asks for.
func (c *Client) backend(d plan.Deployment) backend {
	if cmp.Or(d.API, c.api) == config.APIREST {
		return c.rest
	}
	return c.graphql
}

// Read gives the branch's head with every file of d at that head, in one round trip (one more for each file that GraphQL
// cannot carry exactly: above 512,000 bytes, or not valid UTF-8), and in three through REST. A missing repository, branch
// or file, and a token that may not read them, are Problems.
func (c *Client) Read(ctx context.Context, d plan.Deployment) (*Snapshot, error) {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	snapshot, err := c.backend(d).read(ctx, d)
	if err != nil {
		return nil, c.belowLink(ctx, c.explain(ctx, d, err))
	}
	return snapshot, nil
}

// errDeadline is the cause of a context that this package's own deadline ended.
var errDeadline = errors.New("the deadline for the deployment repository has passed")

func (c *Client) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.deadline, errDeadline)
}

// explain turns the end of the context into its cause: the caller's cancellation stays recognisable, our own deadline
// becomes a Problem that says what was last going on.
func (c *Client) explain(ctx context.Context, d plan.Deployment, err error) error {
	cause := context.Cause(ctx)
	switch {
	case cause == nil || problem.As(err) != nil:
		return err
	case errors.Is(cause, errDeadline):
		status := problem.Failed
		if errors.Is(err, errStale) {
			status = problem.Conflict
		}
		return problem.New(status, problem.Again+": it finishes the work and makes no second commit",
			"giving up on %s@%s after %s: %w", d.Repository, d.Branch, c.deadline, err)
	}
	return fmt.Errorf("stopping work on %s@%s: %w", d.Repository, d.Branch, cause)
}
