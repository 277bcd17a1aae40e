package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// REST returns go-github for one request: it remembers a refusal, and that a limit is used up, and then answers the next
// request by itself, which is the transport's decision to make. Every request of it may be repeated: objects have the id of their
// content, a commit that was made twice is on no branch, and moving a branch to the same commit again does nothing.
func (c *Client) REST() *gogithub.Client {
	client := gogithub.NewClient(&http.Client{Transport: idempotentTransport{c.http.Transport}})
	client.BaseURL = c.endpoint.rest.JoinPath("/")
	return client
}

// Refusal turns an error of go-github into a StatusError, or into the failure to get an answer.
func (c *Client) Refusal(res *gogithub.Response, err error) error {
	switch {
	case err == nil:
		return nil
	case res == nil || res.Response == nil:
		return c.explainUnreachable(err)
	case res.StatusCode < http.StatusMultipleChoices:
		return fmt.Errorf("decoding the answer: %w", err)
	}
	body, readErr := io.ReadAll(res.Body) // go-github has put it back
	if readErr != nil {
		return fmt.Errorf("reading the answer: %w", readErr)
	}
	return c.newStatusError(res.Response, body)
}

// Get reads and decodes the answer of one address. Slashes divide the elements of its path further; all else in them is escaped.
func (c *Client) Get(ctx context.Context, into any, path ...string) error {
	return c.get(ctx, into, path, "")
}

// mostPages bounds what a server can make us read.
const mostPages = 100

// List returns the entries of all pages of an address, see Get
// (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api).
func List[T any](ctx context.Context, c *Client, path ...string) ([]T, error) {
	var all []T
	for page := 1; page <= mostPages; page++ {
		var entries []T
		if err := c.get(ctx, &entries, path, fmt.Sprintf("?per_page=%d&page=%d", pageSize, page)); err != nil {
			return nil, err
		}
		all = append(all, entries...)
		if len(entries) < pageSize {
			return all, nil
		}
	}
	return nil, fmt.Errorf("reading a list: it has more than %d entries", pageSize*mostPages)
}

func (c *Client) get(ctx context.Context, into any, path []string, query string) error {
	address := strings.TrimSuffix(c.endpoint.rest.String(), "/") + "/" + escapePath(strings.Join(path, "/")) + query
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("preparing a request: %w", err)
	}
	body, err := c.readAnswer(req)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("decoding the answer: %w", err)
	}
	return nil
}

// File returns a file's exact bytes at a commit through REST, which serves them up to 100 MB
// (https://docs.github.com/en/rest/repos/contents#get-repository-content).
func (c *Client) File(ctx context.Context, repository, path string, commit commitid.ID) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint.contents(repository, path, commit), nil)
	if err != nil {
		return nil, fmt.Errorf("preparing the request for %q: %w", path, err)
	}
	req.Header.Set("Accept", "application/vnd.github.raw+json")
	return c.readAnswer(req)
}

// Archive returns a whole repository at a commit as a gzipped tar, whose paths begin with one directory that GitHub names.
// GitHub redirects to another host, to which the token does not travel. What .gitattributes marks as export-ignore is left out
// of it. It takes archives up to 128 MB.
// https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-tar
func (c *Client) Archive(ctx context.Context, repository string, commit commitid.ID) ([]byte, error) {
	address := c.endpoint.rest.JoinPath("repos", repository, "tarball").String() + "/" + url.PathEscape(string(commit))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("preparing the request for an archive of %s: %w", repository, err)
	}
	return c.readAnswer(req)
}

// Probe sends what GitHub must refuse, and is content when only the request was at fault: GitHub looks at a token's permission
// first and at the request after.
func (c *Client) Probe(ctx context.Context, request map[string]string, path ...string) error {
	payload, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encoding a request: %w", err)
	}
	address := c.endpoint.rest.JoinPath(path...)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(payload))
	if err != nil {
		return fmt.Errorf("preparing a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	_, err = c.readAnswer(req)
	if status, ok := errors.AsType[*StatusError](err); ok && !status.Limited {
		switch status.Status {
		case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusBadRequest:
			return nil
		case http.StatusCreated:
			return fmt.Errorf("GitHub has taken what cannot be: %s", address.Path)
		}
	}
	return err
}
