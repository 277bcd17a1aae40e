package targets_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func newStream(t *testing.T, seed uint64) *stream {
	t.Helper()
	s := &stream{
		world: newWorld(t), seed: seed, policies: policies(seed), sources: map[string]*source{}, slots: map[string]chan string{}, digests: map[string]string{}, looked: map[string]int{},
		counts: counts{}, clones: t.TempDir(), running: map[string]*attempt{}, senders: map[string]*attempt{}, colleagues: map[string]colleague{},
	}
	s.appKey = githubtest.RegisterApp(t, s.github).Key
	if seed%2 == 0 {
		s.github.Apps().UseLongTokens()
	}
	var err error
	s.puller, err = remote.NewPuller(remote.WithAuth(&authn.Basic{Username: "dev", Password: s.registryToken}))
	s.must(err)
	files := map[string]string{}
	for _, environment := range everywhere {
		files[valuesPath(environment)] = s.firstValues(environment)
	}
	for _, service := range services {
		s.sources[service] = s.newSource(service)
		s.slots[service] = make(chan string, inFlight)
		for n := range inFlight {
			dir := s.sources[service].clone(filepath.Join(t.TempDir(), fmt.Sprintf("%s-%d", service, n)))
			s.slots[service] <- dir
			s.left = append(s.left, dir)
		}
	}
	s.begin(s.put(files))
	for _, variable := range s.environ {
		if name, dir, _ := strings.Cut(variable, "="); name == "HOME" || name == "XDG_CACHE_HOME" {
			s.left = append(s.left, dir)
		}
	}
	s.github.Intercept(func(e github.Exchange) *github.Action {
		if a := s.owner(e.Token); a != nil {
			return a.githubAction(e)
		}
		return nil
	})
	s.registry.Inject(func(w http.ResponseWriter, r *http.Request, request registry.Request) bool {
		service, _, _ := strings.Cut(strings.TrimPrefix(request.Repository, example.Owner+"/"), "-")
		a := s.working(service)
		return a != nil && a.registryFault(w, r, request)
	})
	return s
}
