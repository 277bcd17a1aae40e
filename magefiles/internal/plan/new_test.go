package plan_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

const file = `version: 1
service: backend
load: docker
image: ghcr.io/acme/backend
prepare: [make jar]
components:
  core: { dockerfile: docker/core/Dockerfile, target: run, args: { JDK: "21" }, labels: { team: core, org.opencontainers.image.revision: mine } }
  batch: { image: ghcr.io/acme/batch, tag: '{{ .ShortSHA }}' }
environments:
  stage:
    branches: [main]
    deploy:
      - repository: acme/deploy
        branch: stabilize/1.0
        file: a/values.yaml
        set: ['.{{ .Component }}.tag = "{{ .Tag }}"', '.{{ .Component }}.commit = "{{ .SHA }}"']
      - { repository: acme/deploy, branch: stabilize/1.0, file: b.yaml, set: '.x.{{ .Component }} = "{{ .Tag }}"' }
      - repository: acme/other
        branch: main
        file: a/values.yaml
        set: '.y.{{ .Component }} = "{{ .Tag }}"'
        create: true
        api: rest
        diverged: refuse
        mode: pull-request
        pullRequest: { labels: [deploy], autoMerge: true }
    argocd: { application: shop }
`

func commit() git.Commit {
	return git.Commit{
		SHA: "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334", Branch: "main", Time: time.Unix(1_700_000_000, 0).UTC(),
		Repository: "acme/backend", URL: "https://github.com/acme/backend",
	}
}

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("astrago.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestNewNamesEverything(t *testing.T) {
	p, err := plan.New(parse(t, file), commit(), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Environment != "stage" || p.Service != "backend" || len(p.ArgoCD) != 1 || p.ArgoCD[0].Application != "shop" || p.Load != config.LoaderDocker || !reflect.DeepEqual(p.Prepare.Run, []string{"make jar"}) {
		t.Errorf("plan %+v", p)
	}
	core := p.Images[0]
	want := plan.Image{
		Component: "core", Repository: refs.Repository("ghcr.io/acme/backend"), Tag: "core-stage-a1b2c3d4", Context: ".",
		Dockerfile: "docker/core/Dockerfile", Target: "run", Args: map[string]string{"JDK": "21"},
		Labels: map[string]string{
			"org.opencontainers.image.created":  "2023-11-14T22:13:20Z",
			"org.opencontainers.image.revision": string(commit().SHA),
			"org.opencontainers.image.source":   "https://github.com/acme/backend",
			"org.opencontainers.image.title":    "backend core",
			"org.opencontainers.image.version":  "core-stage-a1b2c3d4",
			"team":                              "core",
		},
		OwnLabels: map[string]string{"org.opencontainers.image.revision": "mine", "team": "core"},
	}
	core.Platforms, core.Secrets = nil, nil
	if !reflect.DeepEqual(core, want) {
		t.Errorf("core\n got %+v\nwant %+v", core, want)
	}
	if got := p.Images[1].Ref().String(); got != "ghcr.io/acme/batch:a1b2c3d4" {
		t.Errorf("batch is %s", got)
	}
}

// A component's needs are planned with it, also where -only leaves them out.
func TestNewPlansWhatIsNeeded(t *testing.T) {
	text := strings.Replace(file, "components:", "components:\n  web: { needs: lib, reproducible: true }\n  lib: { needs: core, target: out }", 1)
	p, err := plan.New(parse(t, text), commit(), plan.Options{Only: []component.Name{"web"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Images) != 1 || len(p.Images[0].Needs) != 1 {
		t.Fatalf("images %+v", p.Images)
	}
	lib := p.Images[0].Needs[0]
	if lib.Component != "lib" || lib.Target != "out" || len(lib.Needs) != 1 || lib.Needs[0].Ref().String() != "ghcr.io/acme/backend:core-stage-a1b2c3d4" {
		t.Errorf("web needs %+v", lib)
	}
	if !p.Images[0].Reproducible || lib.Reproducible {
		t.Errorf("web reproducible %v, lib %v", p.Images[0].Reproducible, lib.Reproducible)
	}
}

// Where the configuration names no platform, the given one is planned, and marked so that it counts as no source.
func TestNewAssumesThePlatform(t *testing.T) {
	text := strings.Replace(file, "components:", "components:\n  web: { needs: arm }\n  arm: { platforms: [linux/arm64] }", 1)
	p, err := plan.New(parse(t, text), commit(), plan.Options{Only: []component.Name{"web"}, Platform: "linux/riscv64"})
	if err != nil {
		t.Fatal(err)
	}
	web, arm := p.Images[0], p.Images[0].Needs[0]
	if !reflect.DeepEqual(web.Platforms, []string{"linux/riscv64"}) || !web.Assumed {
		t.Errorf("web is for %q, assumed %v", web.Platforms, web.Assumed)
	}
	if !reflect.DeepEqual(arm.Platforms, []string{"linux/arm64"}) || arm.Assumed {
		t.Errorf("arm is for %q, assumed %v", arm.Platforms, arm.Assumed)
	}
}

func TestNewGroupsEditsByBranchAndFile(t *testing.T) {
	p, err := plan.New(parse(t, file), commit(), plan.Options{Only: []component.Name{"core"}})
	if err != nil {
		t.Fatal(err)
	}
	image := "ghcr.io/acme/backend:core-stage-a1b2c3d4"
	want := []plan.Deployment{
		{Repository: "acme/deploy", Hold: ".astrago/holds/stage/backend.yaml", Branch: "stabilize/1.0", API: config.APIGraphQL, Diverged: config.DivergedAllow, Unchanged: config.UnchangedSet, Files: []plan.File{
			{Path: "a/values.yaml", Edits: []plan.Edit{{Component: "core", Image: refs.Image(image), Expressions: []string{
				`.core.tag = "core-stage-a1b2c3d4"`, string(`.core.commit = "` + commit().SHA + `"`),
			}}}},
			{Path: "b.yaml", Edits: []plan.Edit{{Component: "core", Image: refs.Image(image), Expressions: []string{`.x.core = "core-stage-a1b2c3d4"`}}}},
		}},
		{Repository: "acme/other", Hold: ".astrago/holds/stage/backend.yaml", Branch: "main", API: config.APIREST, Diverged: config.DivergedRefuse, Unchanged: config.UnchangedSet, PullRequest: &config.PullRequest{
			Labels: []string{"deploy"}, AutoMerge: true, MergeMethod: config.MergeSquash,
		}, Files: []plan.File{
			{Path: "a/values.yaml", Create: true, Edits: []plan.Edit{{Component: "core", Image: refs.Image(image), Expressions: []string{`.y.core = "core-stage-a1b2c3d4"`}}}},
		}},
	}
	for i := range want {
		want[i].Subject = "deploy(stage): backend a1b2c3d4"
	}
	forgetOthers(p.Deployments)
	if !reflect.DeepEqual(p.Deployments, want) {
		t.Errorf("\n got %+v\nwant %+v", p.Deployments, want)
	}
}

func TestADirtyTreeShowsInTagAndRevision(t *testing.T) {
	dirty := commit()
	dirty.Dirty = []string{" M x"}
	p, err := plan.New(parse(t, file), dirty, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Images[0].Tag != "core-stage-a1b2c3d4-dirty" || p.Images[0].Labels[plan.RevisionLabel] != string(commit().SHA)+"-dirty" {
		t.Errorf("tag %q, revision %q", p.Images[0].Tag, p.Images[0].Labels[plan.RevisionLabel])
	}
}

func TestNewIsPure(t *testing.T) {
	cfg, before := parse(t, file), parse(t, file)
	first, err := plan.New(cfg, commit(), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := plan.New(cfg, commit(), plan.Options{})
	if err != nil || !reflect.DeepEqual(first, second) || !reflect.DeepEqual(cfg, before) {
		t.Errorf("two plans of one input differ, or the input changed: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		from, to string
		change   func(*git.Commit)
		options  plan.Options
		want     string
	}{
		"a tag of inputs":       {from: "'{{ .ShortSHA }}'", to: "'inputs-{{ .SHA }}'", options: plan.Options{Environment: "stage"}, want: `begins with "inputs-"`},
		"a tag with a slash":    {from: "'{{ .ShortSHA }}'", to: "'{{ .Branch }}'", change: func(c *git.Commit) { c.Branch = "feature/x" }, options: plan.Options{Environment: "stage"}, want: `"feature/x" is not a valid tag`},
		"no version":            {from: "'{{ .ShortSHA }}'", to: "'v{{ .Version }}'", want: "write the version into the file VERSION"},
		"no branch":             {from: "'{{ .ShortSHA }}'", to: "'{{ .Branch }}'", change: func(c *git.Commit) { c.Branch = "" }, options: plan.Options{Environment: "stage"}, want: "check out a branch"},
		"a branch with a quote": {from: "'{{ .ShortSHA }}'", to: "'{{ .Branch }}'", change: func(c *git.Commit) { c.Branch = `x"` }, options: plan.Options{Environment: "stage"}, want: "rename the branch"},
		"unknown component":     {options: plan.Options{Only: []component.Name{"cor"}}, want: "core"},
		"no environment":        {change: func(c *git.Commit) { c.Branch = "feature/x" }, want: "-env"},
	} {
		t.Run(name, func(t *testing.T) {
			c := commit()
			if test.change != nil {
				test.change(&c)
			}
			_, err := plan.New(parse(t, strings.Replace(file, test.from, test.to, 1)), c, test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v does not say %q", err, test.want)
			}
			if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage {
				t.Errorf("error %v has no exit code %d", err, problem.Usage)
			}
		})
	}
}
