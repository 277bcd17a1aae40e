package github

import (
	"net/http"
	"strconv"
	"time"
)

// quotaLimit is the hourly limit of a user's token. It is reported, not enforced: a test that wants a limit answers with one by a hook.
const quotaLimit = 5000

// Quota holds a token's limit and its remaining requests.
type Quota struct {
	Limit, Used, Remaining int
	Reset                  time.Time
}

// Quota is that of the call's token.
func (c *Call) Quota() Quota {
	return Quota{Limit: quotaLimit, Used: c.used, Remaining: max(1, quotaLimit-c.used), Reset: c.Now().Add(time.Hour)}
}

// addUsualHeaders adds the headers that every answer has.
func addUsualHeaders(c *Call, header map[string]string) {
	q, resource := c.Quota(), "core"
	if c.Document != nil {
		resource = "graphql"
	}
	header["Date"] = c.Now().UTC().Format(http.TimeFormat)
	header["X-GitHub-Media-Type"] = "github.v3; format=json"
	header["X-RateLimit-Limit"] = strconv.Itoa(q.Limit)
	header["X-RateLimit-Used"] = strconv.Itoa(q.Used)
	header["X-RateLimit-Remaining"] = strconv.Itoa(q.Remaining)
	header["X-RateLimit-Reset"] = strconv.FormatInt(q.Reset.Unix(), 10)
	header["X-RateLimit-Resource"] = resource
}
