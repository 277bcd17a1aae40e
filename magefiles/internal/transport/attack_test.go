package transport_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// seen is a server that keeps the credentials that arrive, and redirects to where a query says.
func seen(t *testing.T, code int) (server *httptest.Server, arrived *[]string) {
	t.Helper()
	arrived = &[]string{}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*arrived = append(*arrived, r.Header.Get("Authorization")+r.Header.Get("Cookie")+r.Header.Get("X-Api-Key")+r.Header.Get("Referer"))
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, code)
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
	request.Header.Set("X-Api-Key", "-key")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// net/http sends an Authorization header on to another port of the same host and to another scheme, every other header to
// another host, too, and tells it the address that led there.
func TestAttackRedirectToAnotherOrigin(t *testing.T) {
	client := &http.Client{Transport: transport.New(transport.Options{})}
	for _, code := range []int{301, 302, 303, 307, 308} {
		other, arrived := seen(t, code)
		first, _ := seen(t, code)
		if err := get(t, client, first.URL+"/secret-path?to="+url.QueryEscape(other.URL)); err != nil {
			t.Fatal(err)
		}
		if len(*arrived) != 1 || (*arrived)[0] != "" {
			t.Errorf("%d: another port got %q", code, *arrived)
		}
		// A chain that comes back to where it began has passed through somebody else's hands, whatever it does from there on.
		back, home := seen(t, code)
		chain := "/last"
		for _, at := range []string{back.URL, other.URL, back.URL} {
			chain = at + "/?to=" + url.QueryEscape(chain)
		}
		if err := get(t, client, chain); err != nil {
			t.Fatal(err)
		}
		if len(*home) != 3 || (*home)[0] == "" || (*home)[1] != "" || (*home)[2] != "" {
			t.Errorf("%d: the first origin got %q", code, *home)
		}
	}
}

// A redirect from http to https, or back, of the same host and port is one to another origin.
func TestAttackRedirectToAnotherScheme(t *testing.T) {
	var arrived []string
	client := &http.Client{Transport: transport.New(transport.Options{Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}
		if r.URL.Scheme == "https" {
			response.StatusCode = http.StatusTemporaryRedirect
			response.Header.Set("Location", "http://example.com:443/")
		} else {
			arrived = append(arrived, r.Header.Get("Authorization"))
		}
		return response, nil
	})})}
	if err := get(t, client, "https://example.com/"); err != nil || len(arrived) != 1 || arrived[0] != "" {
		t.Errorf("arrived: %q, %v", arrived, err)
	}
}

func TestARedirectWithinTheOriginKeepsTheCredential(t *testing.T) {
	server, arrived := seen(t, http.StatusTemporaryRedirect)
	if err := get(t, &http.Client{Transport: transport.New(transport.Options{})}, server.URL+"/?to=/next"); err != nil {
		t.Fatal(err)
	}
	if len(*arrived) != 2 || !strings.HasPrefix((*arrived)[1], "Bearer secreta=b-key") {
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
		"http://127.0.0.1.nip.io/": false, "http://localhost./": false, "http://0x7f.1/": false, "http://127.1/": false, "http://2130706433/": false, "http://0.0.0.0/": false,
		"http://[::ffff:10.0.0.1]/": false, "http://[::]/": false, "http://localhost@evil.example/": false, "http://ⓛocalhost/": false,
		"http://[::ffff:127.0.0.1]/": true, "http://127.8.9.10/": true, "HTTP://LOCALHOST/": true,
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

// TestAnAnswerOfJustTheBoundIsWhole also where it ends with its last bytes; one byte more is too much.
func TestAnAnswerOfJustTheBoundIsWhole(t *testing.T) {
	for text, want := range map[string]bool{"1234": true, "12345": true, "123456": false} {
		client := &http.Client{Transport: transport.New(transport.Options{MaxBody: 5, Base: roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(iotest.DataErrReader(strings.NewReader(text))), Request: r}, nil
		})})}
		response, err := client.Get("https://example.com/")
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(response.Body)
		if (err == nil) != want || want && string(data) != text || len(data) > 5 {
			t.Errorf("%q, %v", data, errors.Join(err, response.Body.Close()))
		}
	}
}
