package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// expiryHeader is in every answer to a personal access token that has an end.
const expiryHeader = "GitHub-Authentication-Token-Expiration"

// TokenExpiry returns when the client's token expires, as the answer for a repository says it; the zero time for tokens that do not,
// and for those that GitHub does not tell of, such as a GitHub App's.
func (c *Client) TokenExpiry(ctx context.Context, repository string) (time.Time, error) {
	owner, name := SplitRepository(repository)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint.rest.JoinPath("repos", owner, name).String(), nil)
	if err != nil {
		return time.Time{}, fmt.Errorf("preparing a request: %w", err)
	}
	_, header, err := c.exchange(req)
	if err != nil {
		return time.Time{}, err
	}
	text := strings.TrimSpace(header.Get(expiryHeader))
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("reading when the token expires: %q is not a time of GitHub's", text)
}
