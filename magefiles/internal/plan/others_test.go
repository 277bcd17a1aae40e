package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

const sharing = `version: 1
service: shop
image: ghcr.io/acme/shop
components: { core: {}, batch: {}, web: {} }
environments:
  dev:
    branches: [main]
    deploy:
      - { repository: acme/deploy, branch: main, file: a.yaml, set: SET }
`

// A plan that is narrowed by what has changed takes along the components that share a value with what is left.
func TestNarrowWidens(t *testing.T) {
	for set, want := range map[string]string{
		`'.global.tag = "{{ .ShortSHA }}"'`:                                                   "core batch web",
		`'.{{ .Component }}.tag = "{{ .Tag }}"'`:                                              "core",
		`['.{{ .Component }}.tag = "{{ .Tag }}"', '.global.tag = "{{ .ShortSHA }}"']`:         "core batch web",
		`'.{{ if eq .Component "web" }}web{{ else }}server{{ end }}.tag = "{{ .ShortSHA }}"'`: "core batch",
		`'.images |= map(.tag = "{{ .ShortSHA }}")'`:                                          "core batch web",
	} {
		text := strings.Replace(sharing, "SET", set, 1)
		cfg := parse(t, strings.Replace(text, "image: ghcr", "tag: '{{ .Component }}-{{ .ShortSHA }}'\nimage: ghcr", 1))
		p, err := plan.New(cfg, commit(), plan.Options{Environment: "dev"})
		if err != nil {
			t.Fatal(err)
		}
		p.Narrow(cfg, []component.Name{"core"})
		var got []string
		for _, image := range p.Images {
			got = append(got, string(image.Component))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", set, got, want)
		}
		f := p.Deployments[0].Files[0]
		if len(f.Edits)+len(f.Others) != 3 || len(f.Edits) != len(got) {
			t.Errorf("%s: edits %+v, others %+v", set, f.Edits, f.Others)
		}
	}
}

// The components that -only leaves out stay known, however they are chosen.
func TestOthersAreKnown(t *testing.T) {
	cfg := parse(t, strings.Replace(sharing, "SET", `'.{{ .Component }}.tag = "{{ .Tag }}"'`, 1))
	only, err := plan.New(cfg, commit(), plan.Options{Environment: "dev", Only: []component.Name{"core"}})
	if err != nil {
		t.Fatal(err)
	}
	existing, err := plan.Existing(cfg, commit(), &cfg.Environments[0], []plan.Build{{Component: "core", Tag: "t"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*plan.Plan{only, existing} {
		others := p.Deployments[0].Files[0].Others
		if len(others) != 2 || others[0].Component != "batch" || others[1].Component != "web" {
			t.Errorf("others %+v", others)
		}
	}
}

func TestEntriesNameTheirComponents(t *testing.T) {
	text := strings.Replace(sharing, "SET", `'.{{ .Component }}.tag = "{{ .Tag }}"'`, 1) +
		"      - { repository: acme/deploy, branch: main, file: b.yaml, components: [core, web], set: '.{{ .Component }}.tag = \"{{ .Tag }}\"' }\n"
	p, err := plan.New(parse(t, text), commit(), plan.Options{Environment: "dev"})
	if err != nil {
		t.Fatal(err)
	}
	files := p.Deployments[0].Files
	if len(files[0].Edits) != 3 || len(files[1].Edits) != 2 || files[1].Edits[1].Component != "web" {
		t.Errorf("files %+v", files)
	}
}

func TestDigestsAreFilledIn(t *testing.T) {
	set := `['.{{ .Component }}.ref = "{{ .Ref }}"', '.{{ .Component }}.hash = "{{ slice .Digest 7 }}"', '.{{ .Component }}.tag = "{{ .Tag }}"']`
	p, err := plan.New(parse(t, strings.Replace(sharing, "SET", set, 1)), commit(), plan.Options{Environment: "dev"})
	if err != nil {
		t.Fatal(err)
	}
	known := refs.Digest("c")
	d := p.Deployments[0]
	filled := d.Pinned(map[component.Name]digest.Digest{"core": known})
	core, batch := filled.Files[0].Edits[0], filled.Files[0].Edits[1]
	want := []string{
		`.core.ref = "ghcr.io/acme/shop:core-dev-a1b2c3d4@` + known.String() + `"`, `.core.hash = "` + strings.Repeat("c", 64) + `"`, `.core.tag = "core-dev-a1b2c3d4"`,
	}
	if !slices.Equal(core.Expressions, want) || core.Digest != known || core.IsPending() {
		t.Errorf("filled in: %+v", core)
	}
	if !batch.IsPending() || batch.Digest != "" || !d.Files[0].Edits[0].IsPending() {
		t.Errorf("what is not known is filled in: %+v, %+v", batch, d.Files[0].Edits[0])
	}
	if text := strings.ReplaceAll(batch.Expressions[0], batch.PendingHash(), "…"); !strings.Contains(text, "batch-dev-a1b2c3d4@sha256:…") {
		t.Errorf("shown as %s", text)
	}
}

// TestWhatIsNotADigestFillsNothing has a record of a deployment without a digest, or with something else in its place.
func TestWhatIsNotADigestFillsNothing(t *testing.T) {
	set := `'.{{ .Component }}.ref = "{{ .Ref }}"'`
	p, err := plan.New(parse(t, strings.Replace(sharing, "SET", set, 1)), commit(), plan.Options{Environment: "dev", Only: []component.Name{"core"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []digest.Digest{"", "nothing", ":", "sha256:", "sha256:1", "md5:d41d8cd98f00b204e9800998ecf8427e"} {
		if filled := p.Deployments[0].Pinned(map[component.Name]digest.Digest{"core": known}).Files[0].Edits[0]; !filled.IsPending() || filled.Digest != "" {
			t.Errorf("%q is filled in: %+v", known, filled)
		}
		of, ok := p.Deployments[0].Files[0].Others[0].Of(refs.Image("ghcr.io/acme/shop:batch-dev-a1b2c3d4"), known)
		if !ok || !of.IsPending() || of.Digest != "" {
			t.Errorf("%q is filled into a probe: %t, %+v", known, ok, of)
		}
	}
}

func TestATemplateThatGivesNothing(t *testing.T) {
	set := `'{{ if or (eq .Branch "sample-branch") (eq .Component "web") }}.{{ .Component }}.tag = "{{ .Tag }}"{{ end }}'`
	_, err := plan.New(parse(t, strings.Replace(sharing, "SET", set, 1)), commit(), plan.Options{Environment: "dev"})
	p := problem.As(err)
	if p == nil || p.Status != problem.Usage || p.Place.Line == 0 || !strings.Contains(err.Error(), `gives nothing for the component "core"`) ||
		!strings.Contains(err.Error(), "components: [web]") {
		t.Errorf("got %v", err)
	}
}

// TestProbesOfImages fills an image into the edit of a component that is left out: it is the one that a plan of the image has, or
// none where the expressions ask for more.
func TestProbesOfImages(t *testing.T) {
	for set, complete := range map[string]bool{
		`'.{{ .Component }}.tag = "{{ .Tag }}"'`: true,
		`['.{{ .Component }}.ref = "{{ .Ref }}"', '.{{ .Component }}.hash = "{{ slice .Digest 7 }}"', '.{{ .Component }}.tag = "{{ .Tag }}"']`: true,
		`['.{{ .Component }}.tag = "{{ .Tag }}"', '.{{ .Component }}.env = "{{ .Environment }}"']`:                                             true,
		`['.{{ .Component }}.tag = "{{ .Tag }}"', '.{{ .Component }}.commit = "{{ .ShortSHA }}"']`:                                             false,
		`['.{{ .Component }}.tag = "{{ .Tag }}"', '.{{ .Component }}.branch = "{{ .Branch }}"']`:                                               false,
		`['.{{ .Component }}.tag = "{{ .Tag }}"', '.{{ .Component }}.version = "{{ .Version }}"']`:                                             false,
	} {
		cfg := parse(t, strings.Replace(sharing, "SET", set, 1))
		known := refs.Digest("c")
		versioned := commit()
		versioned.Version = "1.0"
		only, err := plan.New(cfg, versioned, plan.Options{Environment: "dev", Only: []component.Name{"core"}})
		if err != nil {
			t.Fatal(err)
		}
		got, ok := only.Deployments[0].Files[0].Others[0].Of(refs.Image("ghcr.io/acme/shop:batch-dev-a1b2c3d4"), known)
		if ok != complete {
			t.Errorf("%s: %v, %+v", set, ok, got)
		}
		if !ok {
			continue
		}
		whole, err := plan.New(cfg, versioned, plan.Options{Environment: "dev", Only: []component.Name{"batch"}})
		if err != nil {
			t.Fatal(err)
		}
		want := whole.Deployments[0].Pinned(map[component.Name]digest.Digest{"batch": known}).Files[0].Edits[0]
		if !slices.Equal(got.Expressions, want.Expressions) || got.Image != want.Image || got.Digest != want.Digest || got.Component != "batch" {
			t.Errorf("%s:\n got %+v\nwant %+v", set, got, want)
		}
		if again, ok := want.Of(refs.Image("ghcr.io/acme/shop:t"), known); ok {
			t.Errorf("the edit of an image is no probe: %+v", again)
		}
	}
}
