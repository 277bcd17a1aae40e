package imageload

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// configuration is docker's, with a context that has a name and an address.
func configuration(t *testing.T, current, name, host string) string {
	t.Helper()
	dir := t.TempDir()
	sum := sha256.Sum256([]byte(name))
	meta := filepath.Join(dir, "contexts", "meta", hex.EncodeToString(sum[:]), "meta.json")
	if err := os.MkdirAll(filepath.Dir(meta), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		filepath.Join(dir, "config.json"): `{"currentContext":"` + current + `"}`,
		meta:                              `{"Name":"` + name + `","Metadata":{},"Endpoints":{"docker":{"Host":"` + host + `","SkipTLSVerify":false}}}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEndpointFollowsDockersOrder(t *testing.T) {
	desktop := configuration(t, "desktop", "desktop", "unix:///home/dev/docker.sock")
	for name, tc := range map[string]struct {
		o    DockerOptions
		want engineEndpoint
	}{
		"nothing":         {DockerOptions{ConfigDir: t.TempDir()}, engineEndpoint{host: defaultDockerHost}},
		"host":            {DockerOptions{Host: "tcp://h:1", Context: "desktop", ConfigDir: desktop}, engineEndpoint{host: "tcp://h:1"}},
		"host with TLS":   {DockerOptions{Host: "tcp://h:1", ConfigDir: desktop, TLSVerify: true}, engineEndpoint{host: "tcp://h:1", certs: desktop}},
		"certificates":    {DockerOptions{Host: "tcp://h:1", ConfigDir: desktop, TLSVerify: true, CertPath: "/c"}, engineEndpoint{host: "tcp://h:1", certs: "/c"}},
		"current context": {DockerOptions{ConfigDir: desktop}, engineEndpoint{host: "unix:///home/dev/docker.sock"}},
		"chosen context":  {DockerOptions{Context: "default", ConfigDir: desktop}, engineEndpoint{host: defaultDockerHost}},
	} {
		if got, err := tc.o.resolveEndpoint(); err != nil || got != tc.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, tc.want)
		}
	}
	_, err := DockerOptions{Context: "gone", ConfigDir: desktop}.resolveEndpoint()
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), `"gone"`) {
		t.Errorf("a context that is not there: %v", err)
	}
}

func TestAddressesThatCannotBeUsed(t *testing.T) {
	for host, want := range map[string]string{
		"ssh://dev@host": "images are not loaded over ssh://", "npipe:////./pipe/docker_engine": "npipe://", "unix://%zz": "DOCKER_HOST",
	} {
		_, _, err := engineEndpoint{host: host}.newClient()
		if p := problem.As(err); p == nil || !strings.Contains(p.Error(), want) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestEngineBehindTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"Version":"27.1.0","ApiVersion":"1.46","Os":"linux","Arch":"arm64"}`))
	}))
	certs := authority(t, server)
	host := "tcp://" + server.Listener.Addr().String()
	e, err := findDocker(t.Context(), DockerOptions{Host: host, ConfigDir: t.TempDir(), CertPath: certs, TLSVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	if e.Platform() != "linux/arm64" && e.Platform() != "linux/arm64/v8" || e.String() != "Docker 27.1.0" {
		t.Errorf("%s for %s", e, e.Platform())
	}
	if _, err := findDocker(t.Context(), DockerOptions{Host: host, ConfigDir: t.TempDir()}); err == nil {
		t.Error("an Engine behind TLS is asked without")
	}
}
