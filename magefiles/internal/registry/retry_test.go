package registry_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func isTag(r testkit.Request) bool { return !strings.HasPrefix(r.Target, "sha256:") }

// onTag applies a fault to manifests under a tag.
func onTag(method string, fault testkit.Fault) testkit.Fault {
	return testkit.On(method, testkit.Manifest, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		return isTag(request) && fault(w, r, request)
	})
}

// times applies a fault to the first n requests that come to it.
func times(n int64, fault testkit.Fault) testkit.Fault {
	var seen atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		return seen.Add(1) <= n && fault(w, r, request)
	}
}

// Every failure that may pass does pass: the push ends with all images in the registry.
func TestPushOutlasts(t *testing.T) {
	unavailable := testkit.Answer(http.StatusBadGateway, nil, "UNAVAILABLE", "bad gateway")
	for name, fault := range map[string]testkit.Fault{
		"502 for a tag":             onTag(http.MethodPut, testkit.Nth(1, unavailable)),
		"502 for a tag three times": onTag(http.MethodPut, times(3, unavailable)),
		"500 for a manifest":        testkit.On(http.MethodPut, testkit.Manifest, times(3, testkit.Answer(500, nil, "UNKNOWN", "oops"))),
		"502 for the first look":    testkit.On(http.MethodHead, testkit.Manifest, testkit.Nth(1, unavailable)),
		"502 for a token":           testkit.On("", testkit.Token, testkit.Nth(1, unavailable)),
		"503 for a new upload":      testkit.On(http.MethodPost, testkit.Upload, times(2, testkit.Answer(503, nil, "UNAVAILABLE", "wait"))),
		"504 for a blob":            testkit.On(http.MethodPut, testkit.Upload, times(2, testkit.Answer(504, nil, "UNAVAILABLE", "slow"))),
		"cut before a look":         testkit.On(http.MethodHead, testkit.Blob, testkit.Nth(2, testkit.Cut(0))),
		"cut in a blob":             testkit.On(http.MethodPut, testkit.Upload, testkit.Nth(2, testkit.Cut(1000))),
		"cut in many blobs":         testkit.On(http.MethodPut, testkit.Upload, times(5, testkit.Cut(1000))),
		"cut in a token":            testkit.On("", testkit.Token, testkit.Nth(1, testkit.Cut(0))),
		"forgotten upload":          testkit.On(http.MethodPut, testkit.Upload, testkit.Nth(1, testkit.Answer(404, nil, "BLOB_UPLOAD_UNKNOWN", "upload unknown"))),
		"tag seen late":             onTag(http.MethodHead, afterPut(2, testkit.Answer(404, nil, "MANIFEST_UNKNOWN", "manifest unknown"))),
		"429 for a look":            testkit.On(http.MethodHead, testkit.Manifest, times(2, testkit.Answer(429, nil, "TOOMANYREQUESTS", "slow down"))),
		"a token that runs out":     testkit.On(http.MethodPut, testkit.Upload, runsOut()),
	} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			images := l.components(server, "stage-1", "a1")
			server.Inject(fault)
			var last push.Progress
			if _, err := clientFor(t, server).Push(t.Context(), l.store, images, func(p push.Progress) { last = p }); err != nil {
				t.Fatal(err)
			}
			if last.Sent+last.Present != last.Total {
				t.Errorf("progress ended at %+v", last)
			}
			server.Heal()
			wantPulled(t, images)
		})
	}
}

// ended refuses a token that was good, and says so (RFC 6750, section 3.1).
func ended(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
	realm := `Bearer realm="http://` + r.Host + `/token",service="ghcr.io",error="invalid_token"`
	return testkit.Answer(401, http.Header{"Www-Authenticate": {realm}}, "UNAUTHORIZED", "token expired")(w, r, request)
}

// runsOut refuses the token of the first request that comes to it, for ever.
func runsOut() testkit.Fault {
	var once sync.Once
	var old string
	return func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		once.Do(func() { old = r.Header.Get("Authorization") })
		return r.Header.Get("Authorization") == old && ended(w, r, request)
	}
}

// afterPut lets all pass until a tag's first look after its PUT: in a push that is the third.
func afterPut(look int64, fault testkit.Fault) testkit.Fault {
	var seen atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		// three images: 3 looks at first, 3 before the tags, and then these
		return seen.Add(1) == 3*look+1 && fault(w, r, request)
	}
}

func TestPushHonoursRetryAfter(t *testing.T) {
	server, l, waits := start(t, testkit.Options{}), newLibrary(t), &pauses{}
	server.Inject(testkit.On(http.MethodPost, testkit.Upload, testkit.Nth(1,
		testkit.Answer(http.StatusTooManyRequests, http.Header{"Retry-After": {"17"}}, "TOOMANYREQUESTS", "slow down"))))
	client := registry.New(registry.Options{Keychain: keychain(t, server, password), Sleep: waits.sleep})
	images := l.components(server, "stage-1", "a1")
	if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(waits.list, []time.Duration{17 * time.Second}) {
		t.Errorf("waited %v, want the 17 s that the registry asked for", waits.list)
	}
}

func TestPushGivesUp(t *testing.T) {
	for name, test := range map[string]struct {
		fault testkit.Fault
		want  []string
		tags  int
	}{
		"502 for ever":   {onTag(http.MethodPut, testkit.Answer(502, nil, "", "")), []string{"tagging", "502 Bad Gateway", "same command again"}, 0},
		"tag lost":       {onTag(http.MethodPut, testkit.Nth(2, testkit.Lose())), []string{"verifying", "accepted the tag and does not have it", "found nothing"}, 3},
		"bad request":    {testkit.On(http.MethodPut, testkit.Manifest, testkit.Answer(400, nil, "MANIFEST_INVALID", "no such field")), []string{"400 Bad Request", "no such field", "as it is"}, 0},
		"unknown name":   {testkit.On(http.MethodPost, testkit.Upload, testkit.Answer(404, nil, "NAME_UNKNOWN", "project not found")), []string{"404 Not Found", "project not found", "image: in astrago.yaml"}, 0},
		"proxy's page":   {testkit.On(http.MethodPost, testkit.Upload, page), []string{"418"}, 0},
		"token for ever": {testkit.On("", testkit.Token, testkit.Answer(500, nil, "UNKNOWN", "token service down")), []string{"500", "token service down"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			images := l.components(server, "stage-1", "a1")
			server.Inject(test.fault)
			_, err := clientFor(t, server).Push(t.Context(), l.store, images, nil)
			p := problem.As(err)
			if p == nil || p.ExitStatus() != problem.Failed || p.Remedy == "" {
				t.Fatalf("err = %v, want a problem with a remedy", err)
			}
			for _, part := range append(test.want, server.Addr()+"/acme/backend:") {
				if !strings.Contains(p.Error(), part) {
					t.Errorf("the problem does not say %q:\n%s", part, p)
				}
			}
			if got := tags(server); got != test.tags {
				t.Errorf("%d tags were put, want %d", got, test.tags)
			}
			server.Heal()
			if _, err := clientFor(t, server).Push(t.Context(), l.store, images, nil); err != nil {
				t.Errorf("pushing again: %v", err)
			}
			wantPulled(t, images)
		})
	}
}

func page(w http.ResponseWriter, _ *http.Request, _ testkit.Request) bool {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusTeapot)
	_, err := w.Write([]byte("<html>blocked by policy</html>"))
	return err == nil
}

// The credentials are taken away between the request for an upload and the upload: containerd alone waits for ever here.
func TestPushEndsWhenTokenIsRefusedInAnUpload(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	server.Inject(testkit.On(http.MethodPut, testkit.Upload, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		server.AddUser(user, "another")
		return ended(w, r, request)
	}))
	images := l.components(server, "stage-1", "a1")
	_, err := clientFor(t, server).Push(t.Context(), l.store, images, nil)
	if !errors.Is(err, registry.ErrDenied) {
		t.Errorf("err = %v, want a denial", err)
	}
	if got := tags(server); got != 0 {
		t.Errorf("%d tags were put", got)
	}
}

// After its token ran out the client asks for one with the same rights, even to read: ghcr.io denies reading a package
// that does not exist to who may not create it.
func TestTokenKeepsItsRights(t *testing.T) {
	server := start(t, testkit.Options{})
	client := clientFor(t, server)
	if err := client.CheckPush(t.Context(), refs.Repository(server.Addr()+"/acme/backend")); err != nil {
		t.Fatal(err)
	}
	scope := ""
	server.Inject(testkit.On(http.MethodHead, testkit.Manifest, runsOut()))
	server.Inject(testkit.On("", testkit.Token, func(_ http.ResponseWriter, r *http.Request, _ testkit.Request) bool {
		scope = r.URL.Query().Get("scope")
		return false
	}))
	if _, err := client.Resolve(t.Context(), refs.Image(server.Addr()+"/acme/backend:1")); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("err = %v", err)
	}
	if want := "repository:acme/backend:pull,push"; scope != want {
		t.Errorf("asked for %q, want %q", scope, want)
	}
}
