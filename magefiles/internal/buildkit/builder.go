package buildkit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/pool"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// builder holds the state that the jobs of one Run share.
type builder struct {
	plan     plan.Plan
	opts     Options
	layout   *ocilayout.Layout
	pool     *pool.Pool
	served   contextServers
	caches   cacheSource
	keys     *attachable.Keyring
	redact   *redact.Redactor
	board    *progress.Model
	files    *worktree.Tree
	exporter exporter
	failures failureExplainer
	misled   progress.Warnings
	linted   bool // the checks are the error
}

// newBuilder connects to the daemons if there is something to build, and opens the display.
func newBuilder(ctx context.Context, p plan.Plan, o Options, layout *ocilayout.Layout, jobs []*job) (b *builder, err error) {
	b = &builder{
		plan: p, opts: o, layout: layout, pool: &pool.Pool{}, files: o.Files,
		redact: cmp.Or(o.Redact, redact.New()), keys: &attachable.Keyring{Lookup: o.Credentials},
		caches:   cacheSource{root: p.Commit.Root, lookup: o.LookupEnv},
		exporter: exporter{plan: p, prepareKeys: o.PrepareKeys, layout: layout},
	}
	var names []component.Name
	for _, j := range jobs {
		names = append(names, j.Component)
		attachable.Learn(b.redact, j.secrets)
	}
	attachable.Learn(b.redact, b.caches.tokenSecret())
	if b.files == nil {
		written := []string{filepath.Join(p.Commit.Root, output.Name), o.Layout, o.Logs}
		if b.files, err = worktree.Open(ctx, worktree.Options{Root: p.Commit.Root, Hidden: written}); err != nil {
			return nil, err
		}
	}
	b.misled = b.contextCheck().misledIgnoreFiles(ctx)
	if err := b.connectDaemons(ctx, jobs); err != nil {
		return nil, err
	}
	if b.board, err = progress.New(o.Display, names); err != nil {
		b.served.Close()
		return nil, err
	}
	for i, j := range jobs {
		j.track = b.board.Tracks[i]
	}
	b.failures = failureExplainer{
		root: p.Commit.Root, files: b.files, layout: o.Layout, logs: o.Logs, redact: b.redact, keys: b.keys, served: b.served,
		tail: b.board.StepOutput,
	}
	return b, nil
}

// connectDaemons finds the daemons, and assigns one to each image that is built.
func (b *builder) connectDaemons(ctx context.Context, jobs []*job) error {
	var pending []*job
	var images []plan.Image
	for _, j := range jobs {
		if !j.built.Reused {
			pending, images = append(pending, j), append(images, j.Image)
		}
	}
	if len(pending) == 0 {
		return nil
	}
	connections, err := b.opts.Connect(ctx)
	if err != nil {
		return err
	}
	b.pool = pool.New(connections, b.opts.Parallel)
	if err := cmp.Or(b.pool.RequireNative(images), requirePrivate(connections, pending, b.opts.Warn)); err != nil {
		return err
	}
	b.served = serveContexts(ctx, connections, b.contextSource())
	b.pool.Place(b.projectName(), images)
	return nil
}

func (b *builder) contextCheck() contextCheck {
	return contextCheck{files: b.files, root: b.plan.Commit.Root, images: b.plan.Images}
}

// Close ends the display, stops serving files and says what there is to warn of.
func (b *builder) Close() {
	b.board.Close()
	b.served.Close()
	if b.opts.Warn == nil {
		return
	}
	all := append(b.contextCheck().largeContexts(), b.misled...)
	if !b.linted {
		all = append(b.board.Warnings(), all...)
	}
	for _, w := range all {
		b.opts.Warn(w)
	}
}

func (b *builder) contextSource() attachable.Source {
	return attachable.Source{Files: b.files, Root: b.plan.Commit.Root, Project: b.projectName()}
}

// projectName names the repository that is built.
func (b *builder) projectName() string { return cmp.Or(b.plan.Commit.Repository, b.plan.Service) }

// absoluteDir is an absolute directory of the repository.
func (b *builder) absoluteDir(name string) string {
	return filepath.Join(b.plan.Commit.Root, filepath.FromSlash(name))
}

// buildComponents does all jobs at once, then fails where the checks have found something and are asked for.
func (b *builder) buildComponents(ctx context.Context, jobs []*job) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for _, j := range jobs {
		group.Go(func() error { return b.buildComponent(groupCtx, j) })
	}
	if err := group.Wait(); err != nil || !b.opts.Lint {
		return err
	}
	err := b.board.Warnings().LintError()
	b.linted = err != nil
	return err
}

// buildComponent does one job and reports it to the display.
func (b *builder) buildComponent(ctx context.Context, j *job) (err error) {
	start, desc, remote := time.Now(), j.built.Descriptor, false
	if !j.built.Reused {
		desc, remote, err = b.buildImage(ctx, j)
	}
	if errors.Is(err, errExisting) {
		err, desc, j.built.Existing = nil, j.built.Descriptor, !j.built.Reused
	}
	if err != nil {
		err = b.failures.explain(ctx, err, j.Image)
		b.board.Finish(j.track, nil, err)
		return err
	}
	if err := j.complete(ctx, b.layout, desc, remote, start); err != nil {
		return err
	}
	b.board.Finish(j.track, j.built.progressResult(), nil)
	return nil
}

// stepLogPath returns where the full log of a component's build is below the directory of logs.
func stepLogPath(dir string, name component.Name) string {
	return filepath.Join(dir, string(name)+".log")
}

// buildImage builds an image in as many parts as its platforms need different daemons, and returns its root. All of its progress
// has reached the display and the log when it returns.
func (b *builder) buildImage(ctx context.Context, j *job) (desc ocispec.Descriptor, remote bool, err error) {
	log, err := progress.OpenStepLog(stepLogPath(b.opts.Logs, j.Component))
	if err != nil {
		return desc, false, err
	}
	defer func() {
		if cerr := log.Close(); err == nil {
			err = cerr
		}
	}()
	parts := b.pool.Parts(j.Image)
	remote = b.opts.Push && len(parts) == 1 // an index of several daemons' manifests is made here
	roots, err := b.solveParts(ctx, j, parts, remote, log)
	if remote && ctx.Err() == nil && cannotPush(err) {
		b.board.Notify(j.track,
			fmt.Sprintf("the BuildKit daemon cannot push %s, so it is pushed from here: %s", j.Component, b.failures.causeText(err)))
		remote = false
		roots, err = b.solveParts(ctx, j, parts, remote, log)
	}
	if err == nil && !remote {
		roots, err = b.requireWhole(ctx, roots, func() ([]ocispec.Descriptor, error) { return b.solveParts(ctx, j, parts, remote, log) })
	}
	if err != nil {
		return desc, false, err
	}
	j.built.Fingerprint = j.mergedFingerprint()
	if len(parts) > 1 && !b.opts.Fingerprints[j.Component].Tree.Covers(j.built.Fingerprint.Tree) {
		j.built.Fingerprint.Key = "" // no part could say it
	}
	desc, err = b.exporter.mergeIndexes(ctx, j.Image, roots, j.built.Fingerprint.Key)
	return desc, remote, err
}

// requireWhole exports once more where blobs of an image are damaged that the layout had already: a daemon sends no blob that
// is there by its name.
func (b *builder) requireWhole(ctx context.Context, roots []ocispec.Descriptor,
	export func() ([]ocispec.Descriptor, error),
) ([]ocispec.Descriptor, error) {
	damaged, err := b.layout.RepairExported(ctx, roots)
	if err != nil || len(damaged) == 0 {
		return roots, err
	}
	return export()
}

// solveParts returns the root of each part, in their order.
func (b *builder) solveParts(ctx context.Context, j *job, parts [][]string, push bool,
	log *progress.StepLog,
) ([]ocispec.Descriptor, error) {
	roots := make([]ocispec.Descriptor, len(parts))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, platforms := range parts {
		group.Go(func() (err error) {
			roots[i], err = b.buildPart(groupCtx, j, solveRequest{platforms: platforms, push: push, log: log})
			return err
		})
	}
	return roots, group.Wait()
}
