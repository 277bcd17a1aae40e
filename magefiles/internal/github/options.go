package github

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

const (
	defaultDeadline = 5 * time.Minute
	firstPause      = 300 * time.Millisecond
	longestPause    = 10 * time.Second
)

// Options configures a Client. Only APIURL and Token are required.
type Options struct {
	APIURL    string // as GITHUB_API_URL has it: https://api.github.com, https://HOST/api/v3
	Token     string // it travels in the Authorization header to APIURL's host and nowhere else
	UserAgent string // GitHub refuses requests without one; "astrago-ci" by default

	Identity Identity // what the requests are made as, for messages
	Sources  Sources  // give each repository a token of its own, in place of Token
	MaxBody  int64    // bytes of an answer, beyond which reading it fails; 128 MB by default

	Deadline  time.Duration        // for one operation with all its waits, 5 minutes by default
	Transport http.RoundTripper    // below retries and authentication; http.DefaultTransport by default
	Clock     backoff.Clock        // the machine's own by default
	Jitter    func() float64       // in [0, 1), safe for concurrent use; math/rand/v2 by default
	Notice    func(message string) // receives every wait; nothing by default
}

// WithDefaults returns the options with what is left out filled in.
func (o Options) WithDefaults() Options {
	o.UserAgent = cmp.Or(o.UserAgent, "astrago-ci")
	o.Deadline = cmp.Or(o.Deadline, defaultDeadline)
	o.MaxBody = cmp.Or(o.MaxBody, maxBody)
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
	return o
}

// Pause returns the backoff between attempts at the same operation.
func (o Options) Pause() backoff.Exponential {
	return backoff.Exponential{First: firstPause, Longest: longestPause, Jitter: o.Jitter}
}

// Why New takes no token. Neither error holds it.
var (
	ErrNoToken        = errors.New("there is no token")
	ErrMalformedToken = errors.New("the token holds characters that no token has (a space, a line break)")
)

// parseToken trims the line end that secrets often carry, and refuses what no token has.
func parseToken(token string) (string, error) {
	token = strings.TrimSpace(token)
	if token == "" {
		return "", ErrNoToken
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", ErrMalformedToken
	}
	return token, nil
}
