package github

import (
	"net/http"
	"testing"
	"time"
)

func TestLimitWait(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		header map[string]string
		n      int
		want   time.Duration
	}{
		"seconds":               {map[string]string{"Retry-After": "90"}, 1, 90 * time.Second},
		"date":                  {map[string]string{"Retry-After": "Fri, 02 Jan 2026 03:05:05 GMT"}, 1, time.Minute},
		"date that has passed":  {map[string]string{"Retry-After": "Fri, 02 Jan 2026 03:00:00 GMT"}, 1, 0},
		"before the reset":      {map[string]string{"Retry-After": "3", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}, 1, 3 * time.Second},
		"reset":                 {map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767323055"}, 1, 11 * time.Second},
		"reset that has passed": {map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, 1, time.Second},
		"another limit's reset": {map[string]string{"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": "1767323055"}, 1, time.Minute},
		"nothing":               {nil, 1, time.Minute},
		"nothing, again":        {nil, 3, 4 * time.Minute},
		"nonsense":              {map[string]string{"Retry-After": "soon"}, 1, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			res := &http.Response{Header: http.Header{}}
			for key, value := range test.header {
				res.Header.Set(key, value)
			}
			if got := limitWait(res, now, test.n); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestRateLimited(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		header string
		body   string
		want   bool
	}{
		"429":                               {429, "", "", true},
		"403 of a limit":                    {403, "", `{"message":"You have exceeded a secondary rate limit."}`, true},
		"403 of a missing permission":       {403, "", `{"message":"Resource not accessible by integration"}`, false},
		"200 that used the last request":    {200, "X-RateLimit-Remaining", `{"data":{"text":"RATE_LIMITED"}}`, false},
		"200 of a limit":                    {200, "X-RateLimit-Remaining", `{"errors":[{"type":"RATE_LIMITED"}]}`, true},
		"200 with another error at the end": {200, "X-RateLimit-Remaining", `{"errors":[{"type":"NOT_FOUND"}]}`, false},
		"500":                               {500, "", "rate limit", false},
	} {
		t.Run(name, func(t *testing.T) {
			res := &http.Response{StatusCode: test.status, Header: http.Header{}}
			if test.header != "" {
				res.Header.Set(test.header, "0")
			}
			if got := isRateLimited(res, []byte(test.body)); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
