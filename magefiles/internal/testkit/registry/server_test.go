package registry_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func start(t *testing.T, o registry.Options) *registry.Server {
	t.Helper()
	server, err := registry.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() }) // some tests close it themselves
	server.AddUser("octocat", "s3cret", registry.Grant{Repository: "acme/*", Push: true}, registry.Grant{Repository: "public/base"})
	return server
}

// answer is the answer to a request.
type answer struct {
	status int
	header http.Header
	body   string
}

// do makes a request with an Authorization header, if any, and a body, if any.
func do(t *testing.T, method, address, authorization, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	switch {
	case strings.Contains(address, "/manifests/"):
		request.Header.Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
	case strings.HasSuffix(address, "/token"):
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(content)}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	server := start(t, registry.Options{})
	if host, _, err := net.SplitHostPort(server.Addr()); err != nil || host != "127.0.0.1" {
		t.Errorf("listens at %s", server.Addr())
	}
}

func TestContentBelongsToItsRepository(t *testing.T) {
	server := start(t, registry.Options{Open: true})
	digest, err := registry.PushBase(t.Context(), server.Addr()+"/acme/a:1", map[string][]byte{"bin/tool": []byte("tool")}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	manifest := do(t, http.MethodGet, "http://"+server.Addr()+"/v2/acme/a/manifests/"+digest, "", "").body
	put := do(t, http.MethodPut, "http://"+server.Addr()+"/v2/acme/b/manifests/1", "", manifest)
	if put.status != http.StatusNotFound || !strings.Contains(put.body, "MANIFEST_BLOB_UNKNOWN") {
		t.Errorf("a manifest without its blobs got %d %s", put.status, put.body)
	}
}

func TestUploadSessions(t *testing.T) {
	server := start(t, registry.Options{Open: true})
	base := "http://" + server.Addr()
	session := base + do(t, http.MethodPost, base+"/v2/acme/a/blobs/uploads/", "", "").header.Get("Location")
	if server.Uploads() != 1 {
		t.Errorf("%d sessions, want 1", server.Uploads())
	}
	if got := do(t, http.MethodDelete, session, "", ""); got.status != http.StatusNoContent || server.Uploads() != 0 {
		t.Errorf("cancelling got %d and left %d", got.status, server.Uploads())
	}
	if got := do(t, http.MethodPut, session+"?digest=sha256:00", "", "x"); got.status != http.StatusNotFound || !strings.Contains(got.body, "BLOB_UPLOAD_UNKNOWN") {
		t.Errorf("a cancelled session got %d %s", got.status, got.body)
	}
}

func TestFaultsAndLog(t *testing.T) {
	server := start(t, registry.Options{Open: true})
	base := "http://" + server.Addr()
	server.Inject(registry.On(http.MethodGet, registry.Ping, registry.Nth(2, registry.Answer(502, nil, "UNAVAILABLE", "gone"))))
	for i, want := range []int{200, 502, 200} {
		if got := do(t, http.MethodGet, base+"/v2/", "", ""); got.status != want {
			t.Errorf("request %d got %d, want %d", i, got.status, want)
		}
	}
	server.Inject(registry.On(http.MethodGet, registry.Manifest, registry.Cut(0)))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/v2/acme/a/manifests/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
		t.Errorf("a cut connection answered %d", response.StatusCode)
	}
	log := server.Requests()
	if last := log[len(log)-1]; last.Repository != "acme/a" || last.Target != "1" || last.Status != 0 {
		t.Errorf("logged %+v", last)
	}
	if got := server.Count(http.MethodGet, registry.Ping); got != 3 {
		t.Errorf("%d pings, want 3", got)
	}
	if server.ResetRequests(); server.Count("", "") != 0 {
		t.Error("the log was not emptied")
	}
}

func TestImageIsReproducible(t *testing.T) {
	files := map[string][]byte{"bin/sh": []byte("one"), "/usr/local/bin/x": []byte("two")}
	first, err := registry.Image(files)
	if err != nil {
		t.Fatal(err)
	}
	second, err := registry.Image(files)
	if err != nil {
		t.Fatal(err)
	}
	a, errA := first.Digest()
	b, errB := second.Digest()
	if errA != nil || errB != nil || a != b {
		t.Errorf("%v %v and %v %v", a, errA, b, errB)
	}
	server := start(t, registry.Options{Open: true})
	if _, err := registry.Push(t.Context(), server.Addr()+"/acme/base:1", first, "", ""); err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(server.Addr() + "/acme/base:1")
	if err != nil {
		t.Fatal(err)
	}
	found, err := remote.Image(ref, remote.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(found); err != nil {
		t.Error(err)
	}
}
