package github

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

// isRateLimited reports whether GitHub refused the request for its frequency, which means that it did nothing and may be
// repeated, be it a write or not. Limits arrive as 429 or 403, and from GraphQL also as 200 with an error of type
// RATE_LIMITED; some secondary limits have no header and only say so in the message
// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api, .../graphql/overview/rate-limits).
func isRateLimited(res *http.Response, body []byte) bool {
	exhausted := res.Header.Get("X-Ratelimit-Remaining") == "0"
	hinted := res.Header.Get("Retry-After") != ""
	switch res.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return exhausted || hinted || mentionsLimit(body)
	case http.StatusOK:
		return (exhausted || hinted) && hasLimitError(body)
	}
	return false
}

func mentionsLimit(body []byte) bool {
	var answer struct{ Message string }
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	text := strings.ToLower(answer.Message)
	return strings.Contains(text, "rate limit") || strings.Contains(text, "abuse detection")
}

func hasLimitError(body []byte) bool {
	var answer struct{ Errors []GraphQLError }
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	for _, e := range answer.Errors {
		if e.Type == "RATE_LIMITED" || strings.Contains(strings.ToLower(e.Message), "rate limit") {
			return true
		}
	}
	return false
}

// limitWait returns the time that GitHub asks to wait before the next request, n being the number of refusals so far: Retry-After, else
// until the limit's reset, else a minute that doubles.
func limitWait(res *http.Response, now time.Time, n int) time.Duration {
	if wait, ok := backoff.RetryAfter(res.Header, now); ok {
		return wait
	}
	if res.Header.Get("X-Ratelimit-Remaining") == "0" {
		if reset, err := strconv.ParseInt(res.Header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			return max(0, time.Unix(reset, 0).Sub(now)) + time.Second // its clock and this machine's differ
		}
	}
	return time.Minute << min(n-1, 6)
}
