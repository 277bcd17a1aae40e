package plan_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
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
	if len(p.Images) != 2 || p.Images[0].Ref().String() != "ghcr.io/acme/backend:core-prod-a1b2c3d4" || p.Images[1].Tag != "batch-old" {
		t.Errorf("images %+v", p.Images)
	}
	d := p.Deployments[0]
	edits := d.Files[0].Edits
	if len(edits) != 2 || edits[0].Expressions[1] != `.core.commit = "`+string(commit().SHA)+`"` || edits[1].Expressions[1] != `.batch.commit = "`+older+`"` {
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
		{plan.Build{Component: "core", Tag: "core-1"}, []string{`"SHA"`, "the commit that this image was built from is unknown"}},
		// .SHA is never cut
		{plan.Build{Component: "core", SHA: commitid.ID(older[:8])}, []string{`"SHA"`, "the commit that this image was built from is unknown"}},
		{plan.Build{Component: "web", SHA: older}, []string{`"Version"`, "use .SHA or .ShortSHA"}},
	} {
		_, err := plan.Existing(cfg, git.Commit{}, environment, []plan.Build{test.build})
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
	probe, err := plan.Probe(cfg, environment, []component.Name{"web"})
	if err != nil {
		t.Fatal(err)
	}
	edits := probe[0].Files[0].Edits
	if len(edits) != 1 || edits[0].Component != "web" || edits[0].Expressions[0] != `.web.tag = "astrago-probe-tag-web"` {
		t.Errorf("edits %+v", edits)
	}
	pending := plan.Edit{Component: "web", Image: refs.Image("r/a:t")}.Names()[1]
	known := refs.Digest("a")
	for _, test := range []struct {
		old, probed string
		want        plan.Named
		set         bool
	}{
		{"web-1", "astrago-probe-tag-web", plan.Named{Tag: "web-1"}, true},
		{"ghcr.io/a/b:web-1@x", "ghcr.io/a/b:astrago-probe-tag-web@x", plan.Named{Tag: "web-1"}, true},
		{"docker.io/a/b:web-1", "ghcr.io/a/b:astrago-probe-tag-web", plan.Named{}, true},
		{"", "astrago-probe-tag-web", plan.Named{}, true},
		{"web 1", "astrago-probe-tag-web", plan.Named{}, true},
		{"ghcr.io/a", "ghcr.io/b", plan.Named{}, false},
		{"core-1", "astrago-probe-tag-core", plan.Named{}, false},
		{"ghcr.io/a/b:web-1@" + known.String(), "ghcr.io/a/b:astrago-probe-tag-web@" + pending, plan.Named{Tag: "web-1", Digest: known}, true},
		{"ghcr.io/a/b:web-1", "ghcr.io/a/b:astrago-probe-tag-web@" + pending, plan.Named{Tag: "web-1"}, true},
		{known.String(), pending, plan.Named{Digest: known}, true},
		{strings.Repeat("a", 64), strings.TrimPrefix(pending, "sha256:"), plan.Named{Digest: known}, true},
		{"latest", pending, plan.Named{}, true},
		{`{"web":"web-1","core":"c"}`, `{"web":"astrago-probe-tag-web","core":"c"}`, plan.Named{Tag: "web-1"}, true},
		{"web-1/web-2", "astrago-probe-tag-web/astrago-probe-tag-web", plan.Named{}, true},
	} {
		if got, set := plan.Probed("web", test.old, test.probed); got != test.want || set != test.set {
			t.Errorf("Probed(%q, %q) = %+v, %v", test.old, test.probed, got, set)
		}
	}
}
