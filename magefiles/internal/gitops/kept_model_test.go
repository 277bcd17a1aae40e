package gitops_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

var (
	keptSeed  = flag.Uint64("kept.seed", 1, "first seed of the model of what is kept")
	keptSeeds = flag.Uint64("kept.seeds", 3, "how many seeds the model of what is kept runs")
)

// TestKeptKeepsTheOrder runs random histories against what must hold of them: after each release that is taken, every component
// runs that commit's image, and no commit is followed by an older one, whatever was kept, rolled back, held, forced or set by
// hand in between, and be it that an older astrago.yaml keeps nothing.
func TestKeptKeepsTheOrder(t *testing.T) {
	for seed := *keptSeed; seed < *keptSeed+*keptSeeds; seed++ {
		for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
			t.Run(fmt.Sprintf("%s %d", api, seed), func(t *testing.T) {
				t.Parallel()
				m := newKeptModel(t, newOurs(t, api, nil), seed)
				for range 40 {
					m.step()
				}
			})
		}
	}
}

var modelled = []string{"core", "batch"}

// keptModel is an application whose commits change its images now and then, and turn them back.
type keptModel struct {
	*scene
	random   *rand.Rand
	commits  order
	registry images
	now      map[component.Name]int // by component: the commit that counts as deployed
	past     []modelState           // that were deployed, the newest last
	held     bool
	refusals int
}

type modelState struct {
	tags map[component.Name]string
	now  map[component.Name]int
}

func newKeptModel(t *testing.T, s *scene, seed uint64) *keptModel {
	t.Helper()
	m := &keptModel{scene: s, random: rand.New(rand.NewPCG(seed, 0)), registry: images{"core": {}, "batch": {}}}
	m.commits = order{oldSHA} // whose tags the values have
	for _, component := range modelled {
		m.registry[component][oldSHA] = "a"
	}
	for range 24 {
		m.commit()
	}
	m.now = map[component.Name]int{"core": 0, "batch": 0}
	m.remember()
	return m
}

// commit leaves most images as they are, as a commit of documentation does.
func (m *keptModel) commit() {
	sha := fmt.Sprintf("%08x", m.random.Uint32())
	sha = strings.Repeat(sha, 5)
	for _, component := range modelled {
		image := m.registry[component][m.commits[len(m.commits)-1]]
		if m.random.IntN(3) == 0 {
			image = string("abc"[m.random.IntN(3)])
		}
		m.registry[component][sha] = image
	}
	m.commits = append(m.commits, sha)
}

func (m *keptModel) step() {
	newest := max(m.now["core"], m.now["batch"], 0)
	at := min(max(newest+m.random.IntN(6)-2, 0), len(m.commits)-1) // also older builds, and the same again
	switch m.random.IntN(12) {
	case 0:
		m.rollBack()
	case 1:
		m.hold()
	case 2:
		m.byHand()
	case 3:
		m.release(at, config.UnchangedSet, false)
	case 4:
		m.release(at, config.UnchangedKeep, true)
	case 5:
		m.unfetched(at)
	case 6:
		m.release(at, config.UnchangedKeep, false, modelled[m.random.IntN(2)])
	default:
		m.release(at, config.UnchangedKeep, false)
	}
	m.check()
}

func (m *keptModel) bumpOf(at int, unchanged config.Unchanged, only ...string) bump.Bump {
	if len(only) == 0 {
		only = modelled
	}
	b := m.keeping(m.registry, m.commits[at], only...)
	b.Ancestry, b.Deployment.Unchanged = m.commits, unchanged
	return b
}

func (m *keptModel) release(at int, unchanged config.Unchanged, force bool, only ...string) {
	b := m.bumpOf(at, unchanged, only...)
	b.Force = force
	tags := m.tags(modelled...)
	older := slices.ContainsFunc(b.Images, func(i bump.Image) bool { // where the value is its own, it changes nothing
		return at < m.now[i.Component] && m.at(tags[i.Component]) != at
	})
	result, err := m.client.Bump(m.Context(), b)
	p := problem.As(err)
	switch {
	case err != nil && (p == nil || p.Status != problem.Refused || force):
		m.Fatalf("releasing %d: %v", at, err)
	case err != nil && !older && !m.held:
		m.Fatalf("releasing %d over %v is refused: %v", at, m.now, err)
	case err != nil:
		m.refusals++
		return
	case older && !force:
		m.Fatalf("releasing %d over %v: it is older, and Result = %+v", at, m.now, result)
	}
	for _, image := range b.Images {
		isOf := func(c edit.Change) bool { return c.Component == image.Component }
		isKept := func(k hold.Kept) bool { return k.Component == image.Component }
		touched := slices.ContainsFunc(result.Changes, isOf) || slices.ContainsFunc(result.Kept, isKept)
		if at > m.now[image.Component] || touched { // by force also an older one
			m.now[image.Component] = at
		}
		if got := m.deployed(string(image.Component)); got != m.registry[string(image.Component)][string(b.Source.SHA)] {
			m.Fatalf("after releasing %d %s has image %s", at, image.Component, got)
		}
	}
	m.held = m.isHeld()
	m.remember()
}

// unfetched is a release from a clone that cannot compare: nothing may change.
func (m *keptModel) unfetched(at int) {
	b := m.bumpOf(at, config.UnchangedKeep)
	b.Ancestry = unknown{}
	before := m.tags(modelled...)
	if _, err := m.client.Bump(m.Context(), b); err != nil && problem.As(err) == nil {
		m.Fatal(err)
	}
	if got := m.tags(modelled...); !maps.Equal(got, before) && !m.isHeld() {
		m.Fatalf("a build that cannot be compared has changed %v to %v", before, got)
	}
}

// unknown is a clone that has not fetched.
type unknown struct{}

func (unknown) Compare(_ context.Context, base, _ commitid.ID) (git.Comparison, error) {
	return git.Comparison{Relation: git.Unknown, Base: git.Commit{SHA: base}, Reason: "not fetched"}, nil
}

// check wants each component to run the image of the commit that counts.
func (m *keptModel) check() {
	for _, name := range modelled {
		at := m.now[component.Name(name)]
		if got, want := m.deployed(name), m.registry[name][m.commits[at]]; got != want {
			m.Fatalf("%s runs image %s, and commit %d has %s", name, got, at, want)
		}
	}
	if m.now["core"] > len(m.commits)-8 {
		for range 8 {
			m.commit()
		}
	}
}

// at is the commit that a tag names.
func (m *keptModel) at(tag string) int {
	return slices.IndexFunc(m.commits, func(sha string) bool { return strings.HasSuffix(tag, sha[:8]) })
}

func (m *keptModel) deployed(name string) string {
	at := m.at(m.tags(name)[component.Name(name)])
	if at < 0 {
		m.Fatal(errors.New("a tag of no commit is deployed"))
	}
	return m.registry[name][m.commits[at]]
}

func (m *keptModel) isHeld() bool {
	return len(m.read(m.bumpOf(0, config.UnchangedKeep).Deployment).Holds) > 0
}
