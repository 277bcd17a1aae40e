package cli

import (
	"cmp"
	"context"
	"strings"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// readCommit reads the commit. A command that refuses a changed tree takes it for clean until Project.RequireClean, and asks the
// network in the meantime; -changedSince looks at the tree first.
func (op opener) readCommit(ctx context.Context, readsTree bool) error {
	if !op.env.Command.NeedsCleanTree || readsTree {
		return op.env.ReadHead(ctx)
	}
	project := op.env.Project
	commit, state, err := git.Begin(ctx, project.Root, commitHints(op.env))
	project.Commit, project.tree = commit, sync.OnceValues(state)
	return err
}

// ReadHead reads the commit with the state of its tree. Without a root it is that of the directory.
func (env *Env) ReadHead(ctx context.Context) (err error) {
	env.Project.Commit, err = git.Head(ctx, cmp.Or(env.Project.Root, env.Process.Dir, "."), commitHints(env))
	return err
}

// commitHints returns the workflow's information about the checked-out commit.
func commitHints(env *Env) git.Hints {
	branch, tag := workflowRef(env.Vars)
	if env.Command.TakesProposals {
		branch = cmp.Or(env.Vars.Get(vars.BaseRef), queuedFor(branch), branch)
	}
	return git.Hints{SHA: commitid.ID(env.Vars.Get(vars.SHA)), Branch: branch, Tag: tag, Repository: env.Vars.Get(vars.Repository)}
}

// mergeQueue begins the branches of GitHub's merge queues: gh-readonly-queue/BRANCH/pr-NUMBER-SHA.
const mergeQueue = "gh-readonly-queue/"

// queuedFor returns the branch that a branch of a merge queue is to be merged into, "" for every other branch.
func queuedFor(branch string) string {
	rest, queued := strings.CutPrefix(branch, mergeQueue)
	end := strings.LastIndex(rest, "/pr-")
	if !queued || end < 0 {
		return ""
	}
	return rest[:end]
}
