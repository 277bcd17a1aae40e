// Package build turns a plan into images: it finds or starts a BuildKit daemon, builds all components through one
// connection to it, and collects the images in an OCI layout from which they are pushed.
package build

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/moby/buildkit/util/bklog"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Options says how Run builds.
type Options struct {
	Connection *Connection
	Layout     string // OCI layout directory that receives the images, e.g. <root>/dist/images
	Logs       string // directory of one full log for each component, <component>.log, e.g. <root>/dist/logs
	// Credentials gives the account for pulls from a registry, by its name in image references; empty is anonymous.
	Credentials func(ctx context.Context, host string) (user, secret string, err error)
	LookupEnv   func(name string) (value string, ok bool) // for build secrets that come from the environment
	Display     Display
	NoCache     bool // run every step again
	Lint        bool // fail where BuildKit's checks of the Dockerfiles find something, before any image has its name
	// Warn is told each warning once, after the display has ended. What Lint makes an error is no warning.
	Warn func(Warning)
}

// Run builds the images of a plan at once and gives them in the plan's order, when all of them are in the layout under
// their names. The first failure, or the end of ctx, cancels the others, and then no name in the layout changes. What
// the Dockerfile's author must repair is a problem.Problem with the instruction's place; a failed step is a StepError in it.
func Run(ctx context.Context, p plan.Plan, o Options) ([]Image, error) {
	// The client libraries log to standard error by default; only the display writes there.
	bklog.L.Logger.SetOutput(io.Discard)
	values, err := prepare(p, o)
	if err != nil || len(p.Images) == 0 {
		return nil, err
	}
	layout, err := OpenLayout(o.Layout)
	if err != nil {
		return nil, err
	}
	images, err := build(ctx, p, o, layout, values)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	return images, layout.Prune(ctx)
}

// prepare checks all that can be checked without a daemon, and reads the secrets of each image.
func prepare(p plan.Plan, o Options) ([]secrets, error) {
	values := make([]secrets, 0, len(p.Images))
	for _, img := range p.Images {
		if err := checkFiles(img, p.Commit.Root); err != nil {
			return nil, err
		}
		s, err := readSecrets(img, p.Commit.Root, o.LookupEnv)
		if err != nil {
			return nil, err
		}
		values = append(values, s)
	}
	return values, nil
}

func build(ctx context.Context, p plan.Plan, o Options, layout *Layout, values []secrets) ([]Image, error) {
	release, err := layout.Hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	b, err := newBuilder(ctx, p, o, layout, values)
	if err != nil {
		return nil, err
	}
	defer b.Close()

	images, entries := make([]Image, len(p.Images)), make([]Entry, len(p.Images))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, img := range p.Images {
		group.Go(func() (err error) {
			images[i], entries[i], err = b.image(groupCtx, img, b.board.tracks[i], values[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if o.Lint {
		if err := b.board.warnings.lint(); err != nil {
			b.linted = true
			return nil, err
		}
	}
	return images, layout.Put(ctx, entries...)
}

// builder is what the builds of one Run share.
type builder struct {
	plan     plan.Plan
	opts     Options
	layout   *Layout
	contexts *contexts
	keys     *keyring
	redact   redactor
	board    *board
	linted   bool // the checks are the error
}

func newBuilder(ctx context.Context, p plan.Plan, o Options, layout *Layout, values []secrets) (*builder, error) {
	if err := os.MkdirAll(o.Logs, 0o755); err != nil {
		return nil, err
	}
	b := &builder{plan: p, opts: o, layout: layout, keys: &keyring{lookup: o.Credentials}, redact: newRedactor(values...)}
	var names, dirs []string
	for _, img := range p.Images {
		names, dirs = append(names, img.Component), append(dirs, b.dir(img))
	}
	src := contextSource{
		root: p.Commit.Root, hidden: hiddenPaths(o.Layout, o.Logs),
		node: o.Connection.NodeID, project: cmp.Or(p.Commit.Repository, p.Service),
	}
	var err error
	if b.contexts, err = openContexts(ctx, o.Connection.Client, src, dirs); err != nil {
		return nil, err
	}
	if b.board, err = newBoard(o.Display, names); err != nil {
		b.contexts.Close()
		return nil, err
	}
	return b, nil
}

// Close ends the display, stops serving files and says what there is to warn of.
func (b *builder) Close() {
	b.board.Close()
	b.contexts.Close()
	for _, w := range b.board.warnings.sorted() {
		if b.opts.Warn != nil && (w.Rule == "" || !b.linted) {
			b.opts.Warn(w)
		}
	}
}

// dir is the absolute context directory of an image.
func (b *builder) dir(img plan.Image) string {
	return filepath.Join(b.plan.Commit.Root, filepath.FromSlash(img.Context))
}

// image builds one component and reports it on the board.
func (b *builder) image(ctx context.Context, img plan.Image, t *track, s secrets) (built Image, e Entry, err error) {
	start := time.Now()
	b.board.begin(t)
	e, err = b.solve(ctx, img, t, s)
	if err != nil {
		err = b.explain(ctx, err, img)
		b.board.finish(t, nil, err)
		return Image{}, Entry{}, err
	}
	blobs, err := b.layout.named(ctx, e.Descriptor)
	if err != nil {
		return Image{}, Entry{}, err
	}
	built = Image{Component: img.Component, Ref: e.Ref, Descriptor: e.Descriptor, Duration: time.Since(start), Warnings: t.warnings}
	for _, size := range blobs {
		built.Size += size
	}
	built.Steps, _, built.CachedSteps = t.counts()
	b.board.finish(t, &built, nil)
	return built, e, nil
}
