package github_test

import (
	"errors"
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"
)

const (
	owner = "acme"
	name  = "deployment"
)

// client is go-github, through the paths of GitHub Enterprise Server.
func (f *fixture) client(token string) *gogithub.Client {
	f.t.Helper()
	c, err := gogithub.NewClient(nil).WithAuthToken(token).WithEnterpriseURLs(f.URL(), f.URL())
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// must fails the test on an error of a call that gives a value and a response.
func must[T any](t testing.TB) func(T, *gogithub.Response, error) T {
	t.Helper()
	return func(value T, _ *gogithub.Response, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// refused expects an error answer with a status and a text in its message or details.
func refused(t *testing.T, err error, status int, text string) {
	t.Helper()
	var response *gogithub.ErrorResponse
	if !errors.As(err, &response) {
		t.Errorf("error = %v, want status %d %q", err, status, text)
		return
	}
	said := response.Message
	for _, detail := range response.Errors {
		said += "\n" + detail.Field + " " + detail.Code + " " + detail.Message
	}
	if response.Response.StatusCode != status || !strings.Contains(said, text) {
		t.Errorf("answer %d %q, want %d %q", response.Response.StatusCode, said, status, text)
	}
	if !strings.HasPrefix(response.DocumentationURL, "https://docs.github.com/") {
		t.Errorf("documentation_url = %q", response.DocumentationURL)
	}
}
