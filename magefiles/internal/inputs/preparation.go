package inputs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/prepare"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// Preparation computes the inputs of the commands of `prepare`.
type Preparation struct {
	root   string
	config *config.Config
	lookup func(name string) (string, bool) // of the commands' environment
	once   sync.Once
	sum    string
	err    error
}

// NewPreparation returns what the commands of a configuration read below root, with the environment that they get. It is nil where
// nothing is prepared.
func NewPreparation(root string, c *config.Config, environ []string) *Preparation {
	if c == nil || len(c.Prepare.Run) == 0 {
		return nil
	}
	return &Preparation{root: root, config: c, lookup: func(name string) (string, bool) {
		for _, variable := range environ {
			if value, ok := strings.CutPrefix(variable, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}}
}

// key identifies what the commands make files from, before they have run. why says why that is not known; the error is one of
// the configuration.
func (p *Preparation) key(ctx context.Context, files *worktree.Tree) (sum, why string, err error) {
	p.once.Do(func() { p.sum, p.err = p.read(ctx, files) })
	unmatched, wrong := errors.AsType[*prepare.UnmatchedError](p.err)
	switch {
	case wrong:
		return "", "", problem.New(problem.Usage, "write a pattern of files that are there, as in .dockerignore, or remove it",
			"reading prepare.ignore: %w", p.err).At(p.config.Place(unmatched.Line, unmatched.Column))
	case context.Cause(ctx) != nil:
		return "", "", context.Cause(ctx)
	case p.err != nil:
		return "", "reading what `prepare` reads: " + problem.FirstLine(p.err), nil //nolint:nilerr // then it has no key, and runs
	}
	return p.sum, "", nil
}

// read takes all files but those in directories that git ignores as a whole: these hold build output. A single file that git ignores
// counts, such as an .env that a workflow has written.
func (p *Preparation) read(ctx context.Context, files *worktree.Tree) (string, error) {
	ignored, err := git.IgnoredDirs(ctx, p.root)
	if err != nil {
		return "", err
	}
	filter := worktree.Filter{Exclude: []string{".git", "**/.git"}}
	for _, dir := range ignored {
		filter.Exclude = append(filter.Exclude, worktree.Literal(dir))
	}
	snapshot, err := files.Snapshot(ctx, ".", filter)
	if err != nil {
		return "", err
	}
	return prepare.Key(p.config.Prepare, snapshot.Entries(), p.lookup)
}

// beforePrepare returns an image's inputs as far as they are known before the commands have run: the files that its build would get now,
// and what the commands read.
func beforePrepare(now identity.Fingerprint, sources, why string) Inputs {
	in := Inputs{Fingerprint: now, Why: now.Unknown}
	key := in.Key
	in.Key = "" // of files that `prepare` makes again
	switch {
	case key == "":
	case sources == "":
		in.Why = why
	default:
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n", sources, key))
		in.PrepareKey = hex.EncodeToString(sum[:])
	}
	in.Unknown = ""
	return in
}
