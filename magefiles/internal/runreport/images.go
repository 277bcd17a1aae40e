package runreport

import (
	"cmp"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// AddBuilt reports what was built, and what BuildKit's checks found. Images that existed are reported with their tag.
func (b *Builder) AddBuilt(built Built) {
	b.report.Warnings = append(b.report.Warnings, WarningsOf(built.Warnings)...)
	for _, image := range built.Images {
		if image.Existing {
			continue
		}
		b.report.Images = append(b.report.Images, report.Image{
			Component: image.Component, Ref: image.Ref, Digest: image.Descriptor.Digest, Size: image.Size,
			Steps: image.Steps, CachedSteps: image.CachedSteps, State: report.Built, Seconds: image.Duration.Seconds(),
		})
	}
}

// WarningsOf is the reported form of what BuildKit's checks found.
func WarningsOf(found []progress.Warning) []report.Warning {
	var warnings []report.Warning
	for _, w := range found {
		warning := report.Warning{Rule: w.Rule, Message: w.Message, Remedy: w.Remedy, Components: w.Components}
		if w.Place.File != "" {
			warning.Place = &report.Place{File: w.Place.File, Line: w.Place.Line}
		}
		warnings = append(warnings, warning)
	}
	return warnings
}

// AddPublished reports what was brought into the registry.
func (b *Builder) AddPublished(published Published) {
	b.AddBuilt(published.Built)
	b.AddPushed(published.Pushed...)
	b.AddTagged(published.Tagged...)
	for _, size := range published.Sizes {
		b.addSize(size)
	}
}

// AddPushed reports what the registry now has, beside what the build said of it.
func (b *Builder) AddPushed(pushed ...push.Pushed) {
	for _, image := range pushed {
		b.addPushed(image, report.Pushed)
	}
}

// AddTagged reports images that only needed their tag: a daemon has pushed them, or they were built before.
func (b *Builder) AddTagged(tagged ...push.Pushed) {
	for _, image := range tagged {
		if b.find(image.Ref) != nil {
			b.addPushed(image, report.Pushed)
			continue
		}
		b.addPushed(image, report.Retagged)
		b.find(image.Ref).Size = image.Size
	}
}

func (b *Builder) addPushed(image push.Pushed, state report.State) {
	if image.Existed {
		state = report.Exists
	}
	known := b.find(image.Ref)
	if known == nil {
		b.report.Images = append(b.report.Images, report.Image{
			Component: b.component(image.Ref), Ref: image.Ref, Digest: image.Digest, State: state,
			Seconds: image.Duration.Seconds(),
		})
		return
	}
	if known.State = state; known.Digest != image.Digest {
		known.Digest, known.Size = image.Digest, 0 // the registry's is another than the one that was built
	}
	known.Size = cmp.Or(known.Size, image.Size) // of what a daemon has pushed the build knows none
}

// AddExisting reports an image that the registry had before this run.
func (b *Builder) AddExisting(image plan.Image, desc ocispec.Descriptor) {
	if b.find(image.Ref()) != nil {
		return
	}
	entry := report.Image{Component: image.Component, Ref: image.Ref(), Digest: desc.Digest}
	if desc.Digest != "" {
		entry.State = report.Exists
	}
	b.report.Images = append(b.report.Images, entry)
}

// AddAllExisting reports what the registry has of the plan's images.
func (b *Builder) AddAllExisting(found []ocispec.Descriptor) {
	for i, desc := range found {
		b.AddExisting(b.images[i], desc)
	}
}

// addActions reports what a release would do about the plan's images, which were reported.
func (b *Builder) addActions(actions []plan.Action) {
	for i, action := range actions {
		if known := b.find(b.images[i].Ref()); known != nil {
			known.Action, known.Why = string(action.Do), action.Why
		}
	}
}

// AddUnseen reports an image that a person has forced past the registry, and why that has not shown it.
func (b *Builder) AddUnseen(image plan.Image, known digest.Digest, why string) {
	b.report.Images = append(b.report.Images, report.Image{
		Component: image.Component, Ref: image.Ref(), Digest: known, State: report.NotSeen, Why: why,
	})
}

// addSize reports how large an image is. What was reported of its own size counts more.
func (b *Builder) addSize(size Size) {
	known := b.find(size.Ref)
	if known == nil {
		return
	}
	if known.Size = cmp.Or(known.Size, size.Size); known.Size > 0 {
		known.PreviousSize = size.Previous
	}
}

// AddLoaded reports which images something on this machine can run.
func (b *Builder) AddLoaded(loaded Loaded) {
	for _, ref := range loaded.Refs {
		if known := b.find(ref); known != nil {
			known.Loaded = loaded.Target
		}
	}
}
