package publish

import (
	"context"
	"slices"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// versionTrailer marks the commits that publish made.
const versionTrailer = "Astrago-CI-Version: "

// isUpToDate reports whether the branch is as intended: this update, on the current head.
func (m submoduleUpdate) isUpToDate(ctx context.Context, tip commitid.ID, tree string) (bool, error) {
	if tip == m.head {
		return false, nil // merged fast forward
	}
	if err := m.requireOwnChanges(ctx, tip); err != nil {
		return false, err
	}
	owner, name := m.ownerAndName()
	commit, _, err := m.Others.Git.GetCommit(ctx, owner, name, string(tip))
	if err != nil {
		return false, err
	}
	on := slices.ContainsFunc(commit.Parents, func(p *gogithub.Commit) bool { return p.GetSHA() == string(m.head) })
	return on && commit.GetTree().GetSHA() == tree, nil
}

// requireOwnChanges refuses a branch with commits of others. Merges of the consumer's branch into it, as GitHub's "Update branch" makes
// them, add nothing of anybody's as long as no other file differs.
func (m submoduleUpdate) requireOwnChanges(ctx context.Context, tip commitid.ID) error {
	owner, name := m.ownerAndName()
	between, _, err := m.Others.Repositories.CompareCommits(ctx, owner, name, string(m.head), string(tip), nil)
	if err != nil {
		return err
	}
	all := between.GetTotalCommits() == len(between.Commits)
	for _, c := range between.Commits {
		all = all && (strings.Contains(c.GetCommit().GetMessage(), versionTrailer) || len(c.Parents) > 1)
	}
	for _, file := range between.Files {
		all = all && (file.GetFilename() == m.consumer.Path || strings.HasPrefix(file.GetFilename(), workflowsDir+"/"))
	}
	if !all {
		return problem.New(problem.Refused, "merge or close its pull request, and delete the branch",
			"branch %s has commits of others, the last %s", updateBranch, tip.Short())
	}
	return nil
}
