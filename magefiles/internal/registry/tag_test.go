package registry_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func tags(server *testkit.Server) int {
	count := 0
	for _, request := range server.Requests() {
		if request.Method == http.MethodPut && request.Kind == testkit.Manifest && !strings.HasPrefix(request.Target, "sha256:") && request.Status == http.StatusCreated {
			count++
		}
	}
	return count
}

func TestPushRefusesMovedTag(t *testing.T) {
	for name, other := range map[string]int{"first": 0, "last": 2} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			images, client := l.components(server, "stage-1", "b2"), clientFor(t, server)
			theirs := push.Image{Ref: images[other].Ref, Descriptor: l.image("a1", l.layer("theirs", 10)), Revision: "a1"}
			if _, err := client.Push(t.Context(), l.store, []push.Image{theirs}, nil); err != nil {
				t.Fatal(err)
			}
			server.ResetRequests()
			_, err := client.Push(t.Context(), l.store, images, nil)
			p := problem.As(err)
			if p == nil || p.ExitStatus() != problem.Refused {
				t.Fatalf("err = %v, want a refusal", err)
			}
			for _, part := range []string{theirs.Ref.String(), theirs.Descriptor.Digest.String(), images[other].Descriptor.Digest.String(), "commit a1", "commit b2", "1 of 3"} {
				if !strings.Contains(p.Error(), part) {
					t.Errorf("the refusal does not name %q:\n%s", part, p)
				}
			}
			if posts, puts := server.Count(http.MethodPost, ""), server.Count(http.MethodPut, ""); posts != 0 || puts != 0 {
				t.Errorf("%d POST and %d PUT after a refusal", posts, puts)
			}
			wantPulled(t, []push.Image{theirs})
		})
	}
}

// Another image that is as good stays, whether it was there before or came meanwhile.
func TestPushAcceptsAnotherImage(t *testing.T) {
	for name, meanwhile := range map[string]bool{"before": false, "meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			images := l.components(server, "stage-1", "b2")
			theirs := push.Image{Ref: images[1].Ref, Descriptor: l.image("a1", l.layer("theirs", 10))}
			images[1].Same = func(o inspect.Origin) (bool, error) { return o.Revision == "a1", nil }
			images[1].Aliases = []string{"inputs-1"}
			put := func() error {
				_, err := clientFor(t, server).Push(context.WithoutCancel(t.Context()), l.store, []push.Image{theirs}, nil)
				return err
			}
			failure := errors.New("nobody has put the tag")
			if meanwhile {
				server.Inject(testkit.On(http.MethodPut, testkit.Upload, testkit.Nth(2, testkit.Call(func(testkit.Request) {
					server.Heal()
					failure = put()
				}))))
			} else {
				failure = put()
			}
			pushed, err := clientFor(t, server).Push(t.Context(), l.store, images, nil)
			if err != nil || failure != nil {
				t.Fatal(err, failure)
			}
			if p := pushed[1]; !p.Existed || p.Digest != theirs.Descriptor.Digest || len(p.Notices) != 1 || !strings.Contains(p.Notices[0], "same sources") {
				t.Errorf("result %+v", p)
			}
			wantPulled(t, []push.Image{images[0], theirs, images[2]})
			if _, err := clientFor(t, server).Resolve(t.Context(), refs.Image(server.Addr()+"/acme/backend:inputs-1")); !errors.Is(err, registry.ErrNotFound) {
				t.Errorf("the alias of what was not needed: %v", err)
			}
		})
	}
}

// TestTwoPushesAtOnceAgree has another push of the same commit put its image between our tag and the look at it: both end well,
// with the image that the tag names. One from other sources is refused, and so is any other in the place of what the run has built.
func TestTwoPushesAtOnceAgree(t *testing.T) {
	for name, test := range map[string]struct{ same, own bool }{"the same": {true, false}, "other sources": {false, false}, "own": {true, true}} {
		same := test.same
		server, l := start(t, testkit.Options{}), newLibrary(t)
		images := l.components(server, "stage-1", "b2")
		theirs := l.image("a1", l.layer("theirs", 10))
		images[1].Same = func(o inspect.Origin) (bool, error) { return same && o.Revision == "a1", nil }
		images[1].Own = test.own
		_, tag, _ := strings.Cut(strings.TrimPrefix(images[1].Ref.String(), server.Addr()), ":")
		var put atomic.Bool
		failures := make(chan error, 1)
		server.Inject(func(_ http.ResponseWriter, r *http.Request, request testkit.Request) bool {
			if request.Method == http.MethodPut && request.Kind == testkit.Manifest && request.Target == tag {
				put.Store(true)
			}
			if request.Method == http.MethodHead && request.Target == tag && put.CompareAndSwap(true, false) {
				server.Heal()
				moving := push.Image{Ref: refs.Image(server.Addr() + "/acme/backend:theirs"), Descriptor: theirs, Aliases: []string{tag}}
				_, err := clientFor(t, server).Push(context.WithoutCancel(r.Context()), l.store, []push.Image{moving}, nil)
				failures <- err
			}
			return false
		})
		pushed, err := clientFor(t, server).Push(t.Context(), l.store, images, nil)
		select {
		case failure := <-failures:
			if failure != nil {
				t.Fatalf("the other push: %v", failure)
			}
		default:
			t.Fatal("our tag was not put, or not looked at again")
		}
		if !same || test.own {
			p := problem.As(err)
			if p == nil || p.ExitStatus() != problem.Refused || !strings.Contains(err.Error(), theirs.Digest.String()) || strings.Contains(err.Error(), "loses data") {
				t.Fatalf("%s: err = %v, want a refusal", name, err)
			}
			if !strings.Contains(err.Error(), images[1].Descriptor.Digest.String()) || test.own != strings.Contains(p.Remedy, "run the same command again") {
				t.Errorf("%s: %v, %s", name, err, p.Remedy)
			}
			continue
		}
		if err != nil || !pushed[1].Existed || pushed[1].Digest != theirs.Digest || len(pushed[1].Notices) != 1 {
			t.Errorf("result %+v, %v", pushed, err)
		}
		wantPulled(t, []push.Image{images[0], {Ref: images[1].Ref, Descriptor: theirs}, images[2]})
	}
}

func TestPushRefusesTagPutMeanwhile(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images := l.components(server, "stage-1", "b2")
	theirs := push.Image{Ref: images[1].Ref, Descriptor: l.image("a1", l.layer("theirs", 10))}
	var failure error
	server.Inject(testkit.On(http.MethodPut, testkit.Upload, testkit.Nth(2, testkit.Call(func(testkit.Request) {
		server.Heal()
		_, failure = clientFor(t, server).Push(context.WithoutCancel(t.Context()), l.store, []push.Image{theirs}, nil)
	}))))
	_, err := clientFor(t, server).Push(t.Context(), l.store, images, nil)
	if p := problem.As(err); p == nil || p.ExitStatus() != problem.Refused {
		t.Errorf("err = %v, want a refusal", err)
	}
	if failure != nil {
		t.Error(failure)
	}
	if got := tags(server); got != 1 {
		t.Errorf("%d tags were put, want only theirs", got)
	}
	wantPulled(t, []push.Image{theirs})
}
