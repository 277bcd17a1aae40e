package registry_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func record(tag, value string) push.Record {
	return push.Record{Tag: tag, Annotations: map[string]string{plan.RecordAnnotation: value}}
}

// TestRecords finds an image by what was learned of it: by what was learned last, where tags move. An alias of the same tag says
// less, and is not put.
func TestRecords(t *testing.T) {
	for _, immutable := range []bool{false, true} {
		server, l := start(t, testkit.Options{}), newLibrary(t)
		client := clientFor(t, server)
		repository := server.Addr() + "/acme/backend:"
		if immutable {
			server.Inject(testkit.Immutable())
		}
		desc := l.claiming("one", "", "one", "")
		for i, value := range []string{"first", "second"} {
			tag := repository + value
			image := push.Image{Ref: refs.Image(tag), Descriptor: desc, Records: []push.Record{record("keyp1-a", value)}, Aliases: []string{"keyp1-a"}}
			var err error
			if i == 0 {
				_, err = client.Push(t.Context(), l.store, []push.Image{image}, nil)
			} else {
				_, err = client.Retag(t.Context(), []push.Image{{Ref: refs.Image(tag), Descriptor: desc, Records: image.Records}})
			}
			if err != nil {
				t.Fatal(err)
			}
			want := value
			if immutable {
				want = "first"
			}
			found, err := client.LookupNewest(t.Context(), refs.Image(repository+"keyp1-a"))
			if err != nil || found.Origin != (inspect.Origin{Revision: "one", Recorded: want}) {
				t.Errorf("immutable %v, after %s: %+v, %v", immutable, value, found.Origin, err)
			}
			wantPulled(t, []push.Image{{Ref: refs.Image(tag), Descriptor: desc}, {Ref: refs.Image(repository + "keyp1-a"), Descriptor: found.Descriptor}})
		}
	}
}

// TestRecordsComeBeforeTags cuts a push off at each manifest that it puts: where the tag is, its record is, too.
func TestRecordsComeBeforeTags(t *testing.T) {
	for _, retag := range []bool{false, true} {
		for n := int64(1); ; n++ {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			repository := server.Addr() + "/acme/backend:"
			image := push.Image{Ref: refs.Image(repository + "core"), Descriptor: l.image("a1", l.layer("base", 10)), Records: []push.Record{record("keyp1-a", "a")}}
			attempt := func() error {
				_, err := clientFor(t, server).Push(t.Context(), l.store, []push.Image{image}, nil)
				return err
			}
			if retag {
				other := image
				other.Ref, other.Records = refs.Image(repository+"other"), nil
				if _, err := clientFor(t, server).Push(t.Context(), l.store, []push.Image{other}, nil); err != nil {
					t.Fatal(err)
				}
				attempt = func() error {
					_, err := clientFor(t, server).Retag(t.Context(), []push.Image{{Ref: image.Ref, Descriptor: image.Descriptor, Records: image.Records}})
					return err
				}
			}
			server.ResetRequests()
			stop := testkit.Answer(http.StatusForbidden, nil, "DENIED", "no more")
			var puts int64
			server.Inject(testkit.On(http.MethodPut, testkit.Manifest, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
				puts++
				return puts >= n && stop(w, r, request)
			}))
			err := attempt()
			server.Heal()
			_, tag := clientFor(t, server).Resolve(t.Context(), image.Ref)
			_, recorded := clientFor(t, server).Resolve(t.Context(), refs.Image(repository+"keyp1-a"))
			if tag == nil && recorded != nil {
				t.Errorf("retag %v, cut at %d: the tag is there without its record", retag, n)
			}
			if err == nil {
				if n < 3 || tag != nil || recorded != nil {
					t.Errorf("retag %v: done after %d manifests, %v, %v", retag, n-1, tag, recorded)
				}
				break
			}
		}
	}
}

// TestRecordThatFailsIsANotice reports it, and the push is a success.
func TestRecordThatFailsIsANotice(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images := l.components(server, "stage-1", "a1")
	images[1].Records = []push.Record{record("keyp1-a", "a")}
	server.Inject(testkit.On(http.MethodPut, testkit.Manifest, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		return request.Target == "keyp1-a" && testkit.Answer(http.StatusBadRequest, nil, "TAG_INVALID", "reserved prefix")(w, r, request)
	}))
	pushed, err := clientFor(t, server).Push(t.Context(), l.store, images, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := pushed[1].Notices; len(n) != 1 || !strings.Contains(n[0], "keyp1-a") || !strings.Contains(n[0], "reserved prefix") || len(pushed[0].Notices) != 0 {
		t.Errorf("notices %q and %q", n, pushed[0].Notices)
	}
	wantPulled(t, images)
}
