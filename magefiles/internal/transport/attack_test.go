package transport_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// seen is a server that keeps the credentials that arrive.
func seen(t *testing.T) (server *httptest.Server, arrived *[]string) {
	t.Helper()
	arrived = &[]string{}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*arrived = append(*arrived, r.Header.Get("Authorization")+r.Header.Get("Cookie"))
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		}
	}))
	t.Cleanup(server.Close)
	return server, arrived
}

func get(t *testing.T, client *http.Client, address string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer secret")
	request.Header.Set("Cookie", "a=b")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// net/http sends an Authorization header on to another port of the same host, and to another scheme.
func TestAttackRedirectToAnotherOrigin(t *testing.T) {
	first, _ := seen(t)
	other, arrived := seen(t)
	client := &http.Client{Transport: transport.New(transport.Options{})}
	if err := get(t, client, first.URL+"/?to="+url.QueryEscape(other.URL)); err != nil {
		t.Fatal(err)
	}
	back, home := seen(t)
	there, _ := seen(t)
	// A chain that comes back to where it began has passed through somebody else's hands.
	chain := back.URL + "/?to=" + url.QueryEscape(there.URL+"/?to="+url.QueryEscape(back.URL))
	if err := get(t, client, chain); err != nil {
		t.Fatal(err)
	}
	if len(*arrived) != 1 || (*arrived)[0] != "" {
		t.Errorf("another port got %q", *arrived)
	}
	if len(*home) != 2 || (*home)[0] == "" || (*home)[1] != "" {
		t.Errorf("the first origin got %q", *home)
	}
}

func TestARedirectWithinTheOriginKeepsTheCredential(t *testing.T) {
	server, arrived := seen(t)
	if err := get(t, &http.Client{Transport: transport.New(transport.Options{})}, server.URL+"/?to=/next"); err != nil {
		t.Fatal(err)
	}
	if len(*arrived) != 2 || (*arrived)[1] != "Bearer secreta=b" {
		t.Errorf("arrived: %q", *arrived)
	}
}

// roundTripper answers without a network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAttackCredentialInTheClear(t *testing.T) {
	sent := 0
	client := &http.Client{Transport: transport.New(transport.Options{Private: true, Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		sent++
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})})}
	for address, want := range map[string]bool{
		"http://registry.example.com/": false, "http://10.0.0.1:5000/": false, "http://localhost.evil.example/": false, "http://127.0.0.1.evil.example:80/": false,
		"https://registry.example.com/": true, "http://127.0.0.1:5000/": true, "http://localhost:1/": true, "http://[::1]:2/": true,
	} {
		before := sent
		err := get(t, client, address)
		if (err == nil) != want || (sent > before) != want {
			t.Errorf("%s: sent %t, %v", address, sent > before, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the credential shows: %v", err)
		}
	}
}

// endless is a body without end.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

func (*endless) Close() error { return nil }

func TestAttackEndlessAnswer(t *testing.T) {
	body := &endless{}
	client := &http.Client{Transport: transport.New(transport.Options{MaxBody: 1000, Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: body, Request: r}, nil
	})})}
	err := get(t, client, "https://example.com/")
	if err == nil || !strings.Contains(err.Error(), "longer than 1000 bytes") || body.read > 2000 {
		t.Errorf("read %d bytes, %v", body.read, err)
	}
}

func TestAnAnswerOfJustTheBoundIsWhole(t *testing.T) {
	client := &http.Client{Transport: transport.New(transport.Options{MaxBody: 5, Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("12345")), Request: r}, nil
	})})}
	response, err := client.Get("https://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(response.Body)
	if err != nil || string(data) != "12345" {
		t.Errorf("%q, %v", data, errors.Join(err, response.Body.Close()))
	}
}
