package authority_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/authority"
)

// TestOnlyWhatItSignedIsTrusted has a server that asks for certificates meet clients with and without, and one of another authority.
func TestOnlyWhatItSignedIsTrusted(t *testing.T) {
	ours, err := authority.New("ours")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := authority.New("theirs")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	if server.TLS, err = ours.Server(true); err != nil {
		t.Fatal(err)
	}
	server.StartTLS()
	defer server.Close()
	for name, test := range map[string]struct {
		client, server *authority.Authority
		want           bool
	}{
		"ours":            {ours, ours, true},
		"none":            {nil, ours, false},
		"another's":       {theirs, ours, false},
		"another trusted": {ours, theirs, false},
	} {
		settings := &tls.Config{RootCAs: test.server.Pool(), MinVersion: tls.VersionTLS12}
		if test.client != nil {
			dir := t.TempDir()
			certificate, key := filepath.Join(dir, "a.cert"), filepath.Join(dir, "a.key")
			if err := test.client.WriteClient(certificate, key); err != nil {
				t.Fatal(err)
			}
			pair, err := tls.LoadX509KeyPair(certificate, key)
			if err != nil {
				t.Fatal(err)
			}
			settings.Certificates = []tls.Certificate{pair}
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: settings}}).Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		if (err == nil) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
