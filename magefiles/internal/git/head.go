package git

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Hints holds a workflow's information that a detached, shallow checkout lacks.
type Hints struct {
	SHA        commitid.ID // GITHUB_SHA; the branch is believed only when this is the commit that is checked out
	Branch     string      // the branch that the workflow runs for; used on a detached HEAD only
	Tag        string      // the tag that the workflow runs for, in place of a branch
	Repository string      // GITHUB_REPOSITORY; used where there is no remote that names one
}

// State returns what the working tree adds to a commit, in the form of Commit.Dirty, once git has found out.
type State func() (dirty []string, err error)

// Head reads the commit that is checked out in the application repository at root. It never asks the network and
// works in shallow clones and worktrees.
func Head(ctx context.Context, root string, hints Hints) (Commit, error) {
	commit, state, err := Begin(ctx, root, hints)
	if err != nil {
		return Commit{}, err
	}
	if commit.Dirty, err = state(); err != nil {
		return Commit{}, err
	}
	return commit, nil
}

// Begin is Head for callers that have something else to do while git looks at the tree, which takes long in a large one:
// the commit has no Dirty yet.
func Begin(ctx context.Context, root string, hints Hints) (Commit, State, error) {
	git := repository{dir: root}
	state := git.readStatus(ctx)
	commit := Commit{Root: root}
	// Each fills in fields of its own.
	err := askAll(
		func() error { return readCommit(ctx, git, &commit) },
		func() error { return readBranch(ctx, git, &commit) },
		func() error { return readRemote(ctx, git, &commit) },
		func() error { return readVersion(ctx, git, &commit) },
	)
	if err != nil {
		_, _ = state() // it fails for the same reason, or is not needed
		return Commit{}, nil, err
	}
	if commit.Branch == "" && (hints.SHA == "" || hints.SHA == commit.SHA) {
		commit.Branch, commit.Tag = hints.Branch, hints.Tag
	}
	if commit.Repository == "" {
		commit.Repository = hints.Repository
	}
	return commit, state, nil
}

// Current returns only the SHA of the commit that is checked out, and what the working tree adds to it: what may have changed
// while a command ran.
func Current(ctx context.Context, root string) (c Commit, err error) {
	git := repository{dir: root}
	c.Root = root
	state := git.readStatus(ctx)
	if c.SHA, err = CommitOf(ctx, root, "HEAD"); err != nil {
		_, _ = state() // it fails for the same reason
		return Commit{}, fmt.Errorf("reading the commit: %w", err)
	}
	c.Dirty, err = state()
	return c, err
}

func readCommit(ctx context.Context, git repository, c *Commit) error {
	found, err := git.showCommit(ctx, "HEAD")
	switch {
	case isAnswer(err, "not a git repository"):
		return problem.New(problem.Usage, "git init && git add . && git commit", "reading the commit: %q is in no git repository", git.dir)
	case isAnswer(err, "unknown revision"), isAnswer(err, "bad revision"), isAnswer(err, "does not have any commits yet"):
		return problem.New(problem.Usage, "git add . && git commit", "reading the commit: %q has no commit yet", git.dir)
	case isAnswer(err, "dubious ownership"):
		return problem.New(problem.Usage, "git config --global --add safe.directory "+git.dir,
			"reading the commit: git refuses %q, which belongs to another user", git.dir)
	case err != nil:
		return fmt.Errorf("reading the commit: %w", err)
	}
	c.SHA, c.Time, c.Author, c.Title = found.SHA, found.Time, found.Author, found.Title
	return nil
}

// showCommit reads what git itself says of a commit.
func (r repository) showCommit(ctx context.Context, revision string) (Commit, error) {
	out, err := r.output(ctx, "log", "-1", "--no-show-signature", "--format=%H%n%ct%n%an%n%s", "--end-of-options", revision, "--")
	if err != nil {
		return Commit{}, err
	}
	fields := strings.SplitN(out, "\n", 4)
	if len(fields) != 4 {
		return Commit{}, fmt.Errorf("git answered %q", out)
	}
	seconds, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return Commit{}, fmt.Errorf("reading the commit's time: %w", err)
	}
	id, err := commitid.Parse(fields[0])
	return Commit{SHA: id, Time: time.Unix(seconds, 0).UTC(), Author: fields[2], Title: fields[3]}, err
}

// readBranch leaves the branch empty on a detached HEAD, as actions/checkout leaves it.
func readBranch(ctx context.Context, git repository, c *Commit) error {
	out, err := git.output(ctx, "branch", "--show-current")
	if err != nil {
		return fmt.Errorf("reading the branch: %w", err)
	}
	c.Branch = out
	return nil
}

func readRemote(ctx context.Context, git repository, c *Commit) error {
	out, err := git.output(ctx, "remote", "get-url", "origin")
	switch {
	case isAnswer(err, "No such remote"):
		return nil
	case err != nil:
		return fmt.Errorf("reading the remote origin: %w", err)
	}
	c.Repository, c.URL = Remote(out)
	return nil
}

func readVersion(ctx context.Context, git repository, c *Commit) error {
	data, err := os.ReadFile(filepath.Join(git.dir, "VERSION"))
	if err == nil {
		c.Version = strings.TrimSpace(string(data))
		return nil
	}
	if !os.IsNotExist(err) {
		return fmt.Errorf("reading the version: %w", err)
	}
	out, err := git.output(ctx, "tag", "--points-at", "HEAD", "--no-column", "--list", "v[0-9]*", "--sort=-version:refname")
	if err != nil {
		return fmt.Errorf("reading the tags: %w", err)
	}
	tag, _, _ := strings.Cut(out, "\n")
	c.Version = strings.TrimPrefix(tag, "v")
	return nil
}
