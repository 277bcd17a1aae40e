package githubtest

import (
	"errors"
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"
)

// Client is go-github, through the paths of GitHub Enterprise Server.
func (f *Fixture) Client(token string) *gogithub.Client {
	f.T.Helper()
	c, err := gogithub.NewClient(nil).WithAuthToken(token).WithEnterpriseURLs(f.Server.URL(), f.Server.URL())
	if err != nil {
		f.T.Fatal(err)
	}
	return c
}

// Must fails the test on an error of a call that gives a value and a response.
func Must[T any](t testing.TB) func(T, *gogithub.Response, error) T {
	t.Helper()
	return func(value T, _ *gogithub.Response, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// WantRefusal expects an error answer with a status and a text in its message or details.
func WantRefusal(t *testing.T, err error, status int, text string) {
	t.Helper()
	var response *gogithub.ErrorResponse
	if !errors.As(err, &response) {
		t.Errorf("error = %v, want status %d %q", err, status, text)
		return
	}
	var said strings.Builder
	said.WriteString(response.Message)
	for _, detail := range response.Errors {
		said.WriteString("\n" + detail.Field + " " + detail.Code + " " + detail.Message)
	}
	if response.Response.StatusCode != status || !strings.Contains(said.String(), text) {
		t.Errorf("answer %d %q, want %d %q", response.Response.StatusCode, said.String(), status, text)
	}
	if !strings.HasPrefix(response.DocumentationURL, "https://docs.github.com/") {
		t.Errorf("documentation_url = %q", response.DocumentationURL)
	}
}
