package publish

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
)

// updateBranch is the head branch of the pull requests: one in each consumer, which later versions take over.
const updateBranch = "astrago/ci-update"

// submoduleUpdate brings one consumer's submodule to a version, by a pull request.
type submoduleUpdate struct {
	Options
	consumer Consumer
	release  publishedVersion

	head commitid.ID // of the consumer's branch
	from commitid.ID // commit of the submodule there
}

// submoduleMode is git's mode of a commit of another repository within a tree.
const submoduleMode = "160000"

func (m submoduleUpdate) run(ctx context.Context) error {
	owner, name := m.ownerAndName()
	ref, _, err := m.Others.Git.GetRef(ctx, owner, name, "heads/"+m.consumer.Branch)
	if err != nil {
		return err
	}
	m.head = commitid.ID(ref.GetObject().GetSHA())
	// go-github's other readings of a path follow the submodule, or know no mode.
	beside, err := m.listDirectory(ctx, path.Dir(m.consumer.Path))
	if err != nil {
		return err
	}
	entry := findEntry(beside, path.Base(m.consumer.Path))
	if entry == nil || entry.GetMode() != submoduleMode {
		return problem.New(problem.Usage, "correct `path` in .github/consumers.yaml", "%q is not a submodule", m.consumer.Path)
	}
	if m.from = commitid.ID(entry.GetSHA()); m.from == m.release.commit {
		m.Say("%s has %s already", m.consumer, m.release.tag)
		return nil
	}
	if newer, err := m.isNewer(ctx); err != nil || newer {
		return err
	}
	wanted, err := m.updatedTree(ctx)
	if err != nil {
		return err
	}
	if err := m.publishBranch(ctx, wanted); err != nil {
		return err
	}
	return m.propose(ctx)
}

func (m submoduleUpdate) ownerAndName() (owner, name string) {
	owner, name, _ = strings.Cut(m.consumer.Repository, "/")
	return owner, name
}

// isNewer leaves a consumer alone that has what this version does not have, such as a commit of main after it.
func (m submoduleUpdate) isNewer(ctx context.Context) (bool, error) {
	if _, err := runGit(ctx, m.Dir, "cat-file", "-e", string(m.from)+"^{commit}"); err != nil {
		return false, context.Cause(ctx) // a commit that is gone, or of a fork: the pull request says so
	}
	if _, err := runGit(ctx, m.Dir, "merge-base", "--is-ancestor", string(m.from), string(m.release.known)); err == nil {
		return false, nil
	}
	m.Say("%s stays at %s, which %s does not contain", m.consumer, m.from.Short(), m.release.tag)
	return true, context.Cause(ctx)
}

// workflowsDir is GitHub's directory of workflows.
const workflowsDir = ".github/workflows"

// updatedTree is the consumer's with the submodule moved, and with it the version that its workflows call.
func (m submoduleUpdate) updatedTree(ctx context.Context) (string, error) {
	owner, name := m.ownerAndName()
	entries := []*gogithub.TreeEntry{
		{Path: &m.consumer.Path, Mode: new(submoduleMode), Type: new("commit"), SHA: new(string(m.release.commit))},
	}
	found, err := m.listDirectory(ctx, workflowsDir)
	if err != nil {
		return "", err
	}
	for _, e := range found {
		if e.GetType() != "blob" || !isWorkflow(e.GetPath()) {
			continue
		}
		before, _, err := m.Others.Git.GetBlobRaw(ctx, owner, name, e.GetSHA())
		if err != nil {
			return "", fmt.Errorf("reading %s: %w", e.GetPath(), err)
		}
		after := string(submodule.Rewrite(before, submodule.Release{Commit: m.release.commit, Version: m.release.tag}))
		if after != string(before) {
			entries = append(entries, &gogithub.TreeEntry{
				Path: new(workflowsDir + "/" + e.GetPath()), Mode: e.Mode, Type: e.Type,
				Content: &after,
			})
		}
	}
	head, _, err := m.Others.Git.GetCommit(ctx, owner, name, string(m.head))
	if err != nil {
		return "", err
	}
	made, _, err := m.Others.Git.CreateTree(ctx, owner, name, head.GetTree().GetSHA(), entries)
	return made.GetSHA(), err
}

func isWorkflow(name string) bool {
	return strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")
}

func findEntry(entries []*gogithub.TreeEntry, name string) *gogithub.TreeEntry {
	for _, e := range entries {
		if e.GetPath() == name {
			return e
		}
	}
	return nil
}

// listDirectory returns what a directory of the consumer holds, nothing where there is none. It goes down one directory after the
// other: of a whole tree GitHub lists 100,000 entries at most.
func (m submoduleUpdate) listDirectory(ctx context.Context, dir string) ([]*gogithub.TreeEntry, error) {
	owner, name := m.ownerAndName()
	tree := string(m.head)
	var down []string
	if dir != "." {
		down = strings.Split(dir, "/")
	}
	for {
		listed, _, err := m.Others.Git.GetTree(ctx, owner, name, tree, false)
		if err != nil {
			return nil, err
		}
		if listed.GetTruncated() {
			return nil, problem.New(problem.Failed, "move the submodule there by hand: mage update",
				"GitHub lists only a part of a directory above %s", dir)
		}
		if len(down) == 0 {
			return listed.Entries, nil
		}
		next := findEntry(listed.Entries, down[0])
		if next == nil || next.GetType() != "tree" {
			return nil, nil
		}
		tree, down = next.GetSHA(), down[1:]
	}
}

// publishBranch puts one commit on top of the consumer's branch. A branch that has it already is left alone, and one with
// commits of others is never replaced.
func (m submoduleUpdate) publishBranch(ctx context.Context, tree string) error {
	owner, name := m.ownerAndName()
	ref, res, err := m.Others.Git.GetRef(ctx, owner, name, "heads/"+updateBranch)
	if err != nil && !isNotFound(res) {
		return err
	}
	exists := err == nil
	if exists {
		has, err := m.isUpToDate(ctx, commitid.ID(ref.GetObject().GetSHA()), tree)
		if err != nil || has {
			return err
		}
	}
	made, _, err := m.Others.Git.CreateCommit(ctx, owner, name, &gogithub.Commit{
		Message: new(m.title() + "\n\n" + versionTrailer + string(m.release.commit)),
		Tree:    &gogithub.Tree{SHA: &tree}, Parents: []*gogithub.Commit{{SHA: new(string(m.head))}},
	}, nil)
	if err != nil {
		return err
	}
	target := &gogithub.Reference{Ref: new("refs/heads/" + updateBranch), Object: &gogithub.GitObject{SHA: made.SHA}}
	if exists {
		_, _, err = m.Others.Git.UpdateRef(ctx, owner, name, target, true)
	} else {
		_, _, err = m.Others.Git.CreateRef(ctx, owner, name, target)
	}
	return err
}

// propose opens the pull request, or brings the open one up to date.
func (m submoduleUpdate) propose(ctx context.Context) error {
	owner, name := m.ownerAndName()
	title, body := m.title(), m.body(ctx)
	open, _, err := m.Others.PullRequests.List(ctx, owner, name, &gogithub.PullRequestListOptions{
		State: "open", Head: owner + ":" + updateBranch, Base: m.consumer.Branch,
	})
	if err != nil {
		return err
	}
	var pull *gogithub.PullRequest
	changed := true
	switch {
	case len(open) == 0:
		pull, _, err = m.Others.PullRequests.Create(ctx, owner, name, &gogithub.NewPullRequest{
			Title: &title, Body: &body, Head: new(updateBranch), Base: &m.consumer.Branch, MaintainerCanModify: new(false),
		})
	case open[0].GetTitle() != title || open[0].GetBody() != body:
		pull, _, err = m.Others.PullRequests.Edit(ctx, owner, name, open[0].GetNumber(), &gogithub.PullRequest{Title: &title, Body: &body})
	default:
		pull, changed = open[0], false
	}
	if err != nil {
		return err
	}
	m.Say("%s: pull request #%d, %s", m.consumer, pull.GetNumber(), title)
	if !changed {
		return m.addLabels(ctx, pull)
	}
	return errors.Join(m.addLabels(ctx, pull), m.requestReviews(ctx, pull))
}
