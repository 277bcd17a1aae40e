package registry_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func TestAliases(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images, client := l.components(server, "stage-1", "a1"), clientFor(t, server)
	repository := server.Addr() + "/acme/backend:"
	theirs := push.Image{Ref: refs.Image(repository + "stage-0"), Descriptor: l.image("b2", l.layer("theirs", 10)), Aliases: []string{"inputs-taken"}}
	if _, err := client.Push(t.Context(), l.store, []push.Image{theirs}, nil); err != nil {
		t.Fatal(err)
	}
	images[0].Aliases = []string{"inputs-1", "inputs-taken"}
	images[1].Aliases = []string{"inputs-1", "inputs-2"} // the first has it
	for _, again := range []bool{false, true} {
		server.ResetRequests()
		pushed, err := client.Push(t.Context(), l.store, images, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pushed {
			if p.Existed != again || len(p.Notices) != 0 {
				t.Errorf("result %+v", p)
			}
		}
		if again && server.Count(http.MethodPut, "") != 0 {
			t.Errorf("aliases were put again: %+v", server.Requests())
		}
		wantPulled(t, []push.Image{theirs, {Ref: refs.Image(repository + "inputs-taken"), Descriptor: images[0].Descriptor}, {Ref: refs.Image(repository + "inputs-1"), Descriptor: images[0].Descriptor}, {Ref: refs.Image(repository + "inputs-2"), Descriptor: images[1].Descriptor}})
	}
	if _, err := client.Push(t.Context(), l.store, []push.Image{theirs}, nil); err != nil { // an older one, pushed again
		t.Fatal(err)
	}
	wantPulled(t, []push.Image{{Ref: refs.Image(repository + "inputs-taken"), Descriptor: images[0].Descriptor}})
	list := retags(images[:1], "stage-1", "stage-2")
	list[0].Aliases = []string{"inputs-3"}
	if _, err := client.Retag(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	list[0].Aliases = []string{"inputs-4"} // of a tag that is there already
	if _, err := client.Retag(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	wantPulled(t, []push.Image{{Ref: refs.Image(repository + "inputs-3"), Descriptor: images[0].Descriptor}, {Ref: refs.Image(repository + "inputs-4"), Descriptor: images[0].Descriptor}})
	images[0].Aliases = []string{"no tag"}
	if _, err := client.Push(t.Context(), l.store, images, nil); problem.As(err) == nil || problem.As(err).ExitStatus() != problem.Usage {
		t.Errorf("err = %v, want a usage error", err)
	}
}

// An alias that cannot be put is reported once, and the push is a success.
func TestAliasThatFailsIsANotice(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images := l.components(server, "stage-1", "a1")
	images[1].Aliases = []string{"inputs-1"}
	server.Inject(testkit.On(http.MethodPut, testkit.Manifest, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		return request.Target == "inputs-1" && testkit.Answer(http.StatusBadRequest, nil, "TAG_INVALID", "reserved prefix")(w, r, request)
	}))
	pushed, err := clientFor(t, server).Push(t.Context(), l.store, images, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := pushed[1].Notices; len(n) != 1 || !strings.Contains(n[0], "inputs-1") || !strings.Contains(n[0], "reserved prefix") || len(pushed[0].Notices) != 0 {
		t.Errorf("notices %q and %q", n, pushed[0].Notices)
	}
	wantPulled(t, images)
}
