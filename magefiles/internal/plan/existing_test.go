package plan_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

const promotable = `version: 1
service: backend
image: ghcr.io/acme/backend
components: { core: {}, batch: {}, web: { tag: '{{ .Version }}-{{ .Branch }}' } }
environments:
  prod:
    deploy:
      repository: acme/deploy
      branch: main
      file: prod.yaml
      set: ['.{{ .Component }}.tag = "{{ .Tag }}"', '.{{ .Component }}.commit = "{{ .SHA }}"']
`

const older = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"

func prod(t *testing.T) (*config.Config, *config.Environment) {
	t.Helper()
	cfg := parse(t, promotable)
	environment, err := cfg.Environment("prod", "")
	if err != nil {
		t.Fatal(err)
	}
	return cfg, environment
}

// Each component has its own commit, and the tree that is checked out does not matter.
func TestExistingNamesEachBuildByItsOwnCommit(t *testing.T) {
	cfg, environment := prod(t)
	dirty := commit()
	dirty.Dirty = []string{"?? new"}
	p, err := plan.Existing(cfg, dirty, environment, []plan.Build{
		{Component: "batch", Tag: "batch-old", SHA: older}, {Component: "core", SHA: commit().SHA},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Images) != 2 || p.Images[0].Ref() != "ghcr.io/acme/backend:core-prod-a1b2c3d4" || p.Images[1].Tag != "batch-old" {
		t.Errorf("images %+v", p.Images)
	}
	d := p.Deployments[0]
	edits := d.Files[0].Edits
	if len(edits) != 2 || edits[0].Expressions[1] != `.core.commit = "`+commit().SHA+`"` || edits[1].Expressions[1] != `.batch.commit = "`+older+`"` {
		t.Errorf("edits %+v", edits)
	}
	if d.Hold != ".astrago/holds/prod/backend.yaml" {
		t.Errorf("hold %q", d.Hold)
	}
}

func TestExistingRefusesWhatNobodyKnows(t *testing.T) {
	cfg, environment := prod(t)
	for _, test := range []struct {
		build plan.Build
		words []string
	}{
		{plan.Build{Component: "core", Tag: "core-1"}, []string{`"SHA"`, "nobody knows which commit"}},
		{plan.Build{Component: "core", SHA: older[:8]}, []string{`"SHA"`, "nobody knows which commit"}}, // .SHA is never cut
		{plan.Build{Component: "web", SHA: older}, []string{`"Version"`, "use .SHA or .ShortSHA"}},
	} {
		_, err := plan.Existing(cfg, source.Commit{}, environment, []plan.Build{test.build})
		p := problem.As(err)
		if p == nil || p.ExitStatus() != problem.Usage {
			t.Errorf("%+v: error %v", test.build, err)
			continue
		}
		for _, word := range test.words {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%+v: %v does not say %q", test.build, err, word)
			}
		}
	}
}

func TestTagOf(t *testing.T) {
	cfg, _ := prod(t)
	if tag, err := plan.TagOf(cfg, "stage", "core", older); err != nil || tag != "core-stage-0a1b2c3d" {
		t.Errorf("tag %q, %v", tag, err)
	}
	if tag, err := plan.TagOf(cfg, "stage", "web", older); err == nil {
		t.Errorf("tag %q of a version that nobody knows", tag)
	}
}

func TestProbe(t *testing.T) {
	cfg, environment := prod(t)
	probe, err := plan.Probe(cfg, environment, []string{"web"})
	if err != nil {
		t.Fatal(err)
	}
	edits := probe[0].Files[0].Edits
	if len(edits) != 1 || edits[0].Component != "web" || edits[0].Expressions[0] != `.web.tag = "astrago-probe-tag"` {
		t.Errorf("edits %+v", edits)
	}
	for _, test := range []struct {
		old, probed, tag string
		set              bool
	}{
		{"web-1", "astrago-probe-tag", "web-1", true},
		{"ghcr.io/a/b:web-1@x", "ghcr.io/a/b:astrago-probe-tag@x", "web-1", true},
		{"docker.io/a/b:web-1", "ghcr.io/a/b:astrago-probe-tag", "", true},
		{"", "astrago-probe-tag", "", true},
		{"web 1", "astrago-probe-tag", "", true},
		{"ghcr.io/a", "ghcr.io/b", "", false},
	} {
		if tag, set := plan.Probed(test.old, test.probed); tag != test.tag || set != test.set {
			t.Errorf("Probed(%q, %q) = %q, %v", test.old, test.probed, tag, set)
		}
	}
}
