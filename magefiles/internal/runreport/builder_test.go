package runreport_test

import (
	"slices"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

var (
	first  = digest.FromString("first")
	second = digest.FromString("second")
)

func planned(components ...string) *plan.Plan {
	p := &plan.Plan{Service: "shop", Environment: "stage"}
	for _, c := range components {
		p.Images = append(p.Images, plan.Image{Component: component.Name(c), Repository: refs.Repository("ghcr.io/acme/" + c), Tag: "1"})
	}
	return p
}

func built(name string, content digest.Digest, size int64) buildkit.Image {
	return buildkit.Image{
		Component: component.Name(name), Ref: refs.Image("ghcr.io/acme/" + name + ":1"), Size: size,
		Descriptor: ocispec.Descriptor{Digest: digest.Digest(content.String())},
	}
}

// Every image is reported once, in the plan's order, whatever is reported of it and when.
func TestEveryImageOnce(t *testing.T) {
	p := planned("core", "batch", "web")
	steps := map[string]func(*runreport.Builder){
		"built": func(b *runreport.Builder) {
			b.AddBuilt(runreport.Built{Images: []buildkit.Image{built("web", first, 10)}})
		},
		"pushed":   func(b *runreport.Builder) { b.AddPushed(push.Pushed{Ref: p.Images[2].Ref(), Digest: first}) },
		"tagged":   func(b *runreport.Builder) { b.AddTagged(push.Pushed{Ref: p.Images[0].Ref(), Digest: first}) },
		"existing": func(b *runreport.Builder) { b.AddExisting(p.Images[1], ocispec.Descriptor{}) },
		"again":    func(b *runreport.Builder) { b.AddExisting(p.Images[0], ocispec.Descriptor{}) },
	}
	orders := [][]string{
		{"built", "pushed", "tagged", "existing", "again"}, {"existing", "tagged", "again", "built", "pushed"}, {"tagged", "existing", "again", "built", "pushed"},
	}
	for _, order := range orders {
		b := runreport.New(report.CommandRelease, "")
		b.SetPlan(p)
		for _, step := range order {
			steps[step](b)
		}
		b.SortImages()
		var refs, want []string
		for _, image := range b.Report().Images {
			refs = append(refs, string(image.Component))
		}
		for _, image := range p.Images {
			want = append(want, string(image.Component))
		}
		if !slices.Equal(refs, want) {
			t.Errorf("%v: %q, want %q", order, refs, want)
		}
	}
}

// What the registry has counts more than what was built, and a size is only kept where it is that image's.
func TestRegistryCountsMoreThanBuild(t *testing.T) {
	for name, test := range map[string]struct {
		pushed push.Pushed
		want   report.Image
	}{
		"the same":          {push.Pushed{Digest: first, Size: 5}, report.Image{Digest: first, Size: 10, State: report.Pushed}},
		"it was there":      {push.Pushed{Digest: first, Existed: true}, report.Image{Digest: first, Size: 10, State: report.Exists}},
		"another one":       {push.Pushed{Digest: second, Existed: true}, report.Image{Digest: second, State: report.Exists}},
		"another, measured": {push.Pushed{Digest: second, Size: 7}, report.Image{Digest: second, Size: 7, State: report.Pushed}},
	} {
		for _, add := range []func(*runreport.Builder, push.Pushed){
			func(b *runreport.Builder, p push.Pushed) { b.AddPushed(p) }, func(b *runreport.Builder, p push.Pushed) { b.AddTagged(p) },
		} {
			b := runreport.New(report.CommandRelease, "")
			b.SetPlan(planned("core"))
			b.AddBuilt(runreport.Built{Images: []buildkit.Image{built("core", first, 10)}})
			test.pushed.Ref, test.want.Ref, test.want.Component = refs.Image("ghcr.io/acme/core:1"), refs.Image("ghcr.io/acme/core:1"), "core"
			add(b, test.pushed)
			if got := b.Report().Images; len(got) != 1 || got[0] != test.want {
				t.Errorf("%s: %+v, want %+v", name, got, test.want)
			}
		}
	}
}

// A plan that is adopted later keeps what was reported and what a person gave.
func TestPlanKeepsWhatWasReported(t *testing.T) {
	b := runreport.New(report.CommandRollback, "https://github.com/acme/shop/actions/runs/1")
	r := b.Report()
	b.SetPlan(planned("core"))
	b.AddExisting(plan.Image{Component: "core", Repository: refs.Repository("ghcr.io/acme/core"), Tag: "0"}, ocispec.Descriptor{})
	r.Reason, r.By, r.From = "it is slow", "dev", &report.From{Environment: "stage"}
	before := *r
	b.SetPlan(planned("core", "batch"))
	after := *b.Report()
	if b.Report() != r {
		t.Error("it is another report")
	}
	if len(after.Images) != 1 || after.Reason != before.Reason || after.By != before.By || after.From != before.From || after.Run != before.Run ||
		!after.Started.Equal(before.Started) || after.Command != before.Command {
		t.Errorf("%+v\nbefore %+v", after, before)
	}
}
