package release

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// build makes the images: in the content store under .astrago/images, or by digest in the registry.
func (s *session) build(ctx context.Context, images []plan.Image, index *keyIndex) ([]build.Image, error) {
	ctx, stage := s.stage(ctx, "build")
	built, err := s.solve(ctx, images, index, stage)
	s.console.Warnings(s.report.Warnings)
	if err != nil {
		stage.Fail(err)
		return nil, err
	}
	for _, image := range built {
		if image.Existing {
			continue // it is reported with its tag
		}
		s.report.Images = append(s.report.Images, report.Image{
			Component: image.Component, Ref: image.Ref, Digest: image.Descriptor.Digest.String(), Size: image.Size,
			Steps: image.Steps, CachedSteps: image.CachedSteps, State: report.Built, Seconds: image.Duration.Seconds(),
		})
	}
	note := count(len(built), "image")
	if n := len(s.report.Warnings); n > 0 {
		note += ", " + count(n, "warning")
	}
	stage.Done(note)
	return built, nil
}

// warn notes a warning of the build.
func (s *session) warn(w build.Warning) {
	warning := report.Warning{Rule: w.Rule, Message: w.Message, Remedy: w.Remedy, Components: w.Components}
	if w.Place.File != "" {
		warning.Place = &report.Place{File: w.Place.File, Line: w.Place.Line}
	}
	s.report.Warnings = append(s.report.Warnings, warning)
}

// solve connects for as long as it builds; a daemon of our own stops by itself once nobody uses it.
func (s *session) solve(ctx context.Context, images []plan.Image, index *keyIndex, stage *report.Stage) (built []build.Image, err error) {
	var connections []*build.Connection
	defer func() { err = cmp.Or(err, build.CloseAll(connections)) }()
	narrowed := *s.plan
	narrowed.Images = images
	display, err := s.display(stage)
	if err != nil {
		return nil, err
	}
	files, err := s.files(ctx)
	if err != nil {
		return nil, err
	}
	prints, prepareKeys, err := s.keysOf().ofBuild(ctx, images)
	if err != nil {
		return nil, err
	}
	options := s.buildOptions()
	options.Files, options.Display = files, display
	options.Fingerprints, options.PrepareKeys, options.Existing = prints, prepareKeys, index.existing()
	options.Connect = func(ctx context.Context) (_ []*build.Connection, err error) {
		connections, err = s.connect(ctx, stage)
		return connections, err
	}
	return build.Run(ctx, narrowed, options)
}

// buildOptions are those that every build of the run has.
func (s *session) buildOptions() build.Options {
	return build.Options{
		Layout:         s.layout(),
		Logs:           s.outputPath(output.Logs),
		Push:           s.daemonPushes(),
		Fetch:          s.registry().Content,
		Credentials:    s.keychain().Credentials,
		LookupEnv:      s.vars.Lookup,
		Redact:         s.redact,
		CacheNamespace: s.cacheNamespace(),
		Parallel:       s.options.Parallel,
		Rebuild:        s.options.Rebuild,
		Lint:           s.options.Lint,
		Warn:           s.warn,
	}
}

// daemonPushes reports whether what is built goes straight from the daemon to the registry: images of a release, or of its first
// job, which nothing else on this machine wants. `mage build` keeps them here, to be tried out. The configuration may say otherwise.
func (s *session) daemonPushes() bool {
	if s.plan.Output == config.OutputAuto || s.plan.Output == "" {
		return s.report.Command == report.CommandRelease || s.options.Build
	}
	return s.plan.Output == config.OutputRegistry
}

// push uploads the images from .astrago/images, then sets their tags. own are images that this run has built.
func (s *session) push(ctx context.Context, images []plan.Image, own bool) error {
	if len(images) == 0 {
		return nil
	}
	ctx, stage := s.stage(ctx, "push")
	pushed, err := s.upload(ctx, images, own, stage)
	if err != nil {
		stage.Fail(err)
		return err
	}
	var sent int64
	for _, image := range pushed {
		sent += image.Uploaded
		s.record(image)
	}
	stage.Done(count(len(pushed), "image") + ", " + report.Size(sent) + " sent")
	s.notice(pushed)
	fresh := slices.DeleteFunc(slices.Clone(images), func(image plan.Image) bool {
		return !slices.ContainsFunc(pushed, func(p push.Pushed) bool { return p.Ref == image.Ref() && !p.Existed })
	})
	return s.keepTrees(ctx, fresh)
}

// notice says what people should know of images that are in the registry.
func (s *session) notice(pushed []push.Pushed) {
	for _, image := range pushed {
		for _, text := range image.Notices {
			s.console.Note("notice: " + s.component(image.Ref) + ": " + text)
		}
	}
}

// record puts into the report what the registry now has, beside what the build said of it.
func (s *session) record(image push.Pushed) {
	state := report.Pushed
	if image.Existed {
		state = report.Exists
	}
	for i := range s.report.Images {
		known := &s.report.Images[i]
		if known.Ref != image.Ref {
			continue
		}
		if known.State = state; known.Digest != image.Digest {
			known.Digest, known.Size = image.Digest, 0 // the registry's is another than the one that was built
		}
		known.Size = cmp.Or(known.Size, image.Size) // of what a daemon has pushed the build knows none
		return
	}
	s.report.Images = append(s.report.Images, report.Image{
		Component: s.component(image.Ref), Ref: image.Ref, Digest: image.Digest, State: state, Seconds: image.Duration.Seconds(),
	})
}

// recordTagged puts an image into the report that only needed its tag: one that a daemon has pushed, or that was built before.
func (s *session) recordTagged(image push.Pushed) {
	if slices.ContainsFunc(s.report.Images, func(i report.Image) bool { return i.Ref == image.Ref }) {
		s.record(image)
		return
	}
	state := report.Retagged
	if image.Existed {
		state = report.Exists
	}
	s.report.Images = append(s.report.Images, report.Image{
		Component: s.component(image.Ref), Ref: image.Ref, Digest: image.Digest, Size: image.Size, State: state, Seconds: image.Duration.Seconds(),
	})
}

// recordPublished reports an image that the registry had before this run.
func (s *session) recordPublished(image plan.Image, desc ocispec.Descriptor) {
	known := slices.ContainsFunc(s.report.Images, func(i report.Image) bool { return i.Ref == image.Ref() })
	if known {
		return
	}
	entry := report.Image{Component: image.Component, Ref: image.Ref(), Digest: desc.Digest.String()}
	if desc.Digest != "" {
		entry.State = report.Exists
	}
	s.report.Images = append(s.report.Images, entry)
}

func (s *session) component(ref string) string {
	for _, image := range s.plan.Images {
		if image.Ref() == ref {
			return image.Component
		}
	}
	return ""
}

// requireUnchanged refuses to go on when the tree is no longer the commit: a prepare command may have changed tracked
// files, or the developer went on working while the images were built.
func (s *session) requireUnchanged(ctx context.Context, what string) error {
	commit, err := source.Current(ctx, s.plan.Commit.Root)
	if err != nil {
		return err
	}
	if commit.SHA != s.plan.Commit.SHA {
		return problem.New(problem.Refused, "run the command again for the new commit",
			"refusing to %s: commit %s was checked out meanwhile, the images are of %s", what, commit.ShortSHA(), s.plan.Commit.ShortSHA())
	}
	if err := commit.RequireClean(what); err != nil {
		return err
	}
	return s.requireServed(ctx, what)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// cacheNamespace names whose cache mounts a build sees: those of its repository, and of what is proposed to it apart from
// those of what is released.
func (s *session) cacheNamespace() string {
	whose := cmp.Or(s.plan.Commit.Repository, s.plan.Service)
	if s.vars.Get(vars.BaseRef) != "" {
		whose += " pull_request"
	}
	sum := sha256.Sum256([]byte(whose))
	return hex.EncodeToString(sum[:8])
}
