package deployment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// pending is the branch that pull requests of a service and environment come from, as the last bump left it.
type pending struct {
	branch   string
	head     string                // empty where there is no such branch
	snapshot *Snapshot             // nil where the branch has not the files that are to be changed
	pull     *gogithub.PullRequest // nil where none is open
}

var unsafeInBranch = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// pullBranch names the branch: what git refuses in a name, and what a suffix of ours may begin with, becomes a hyphen.
func (b Bump) pullBranch() string {
	return "astrago/" + unsafeInBranch.ReplaceAllString(b.Service+"-"+b.Environment, "-")
}

func (c *Client) pendingOf(ctx context.Context, b Bump, base *Snapshot) (*pending, error) {
	p := &pending{branch: b.pullBranch()}
	owner, name := split(base.Repository)
	ref, res, err := c.rest.client().Git.GetRef(ctx, owner, name, "heads/"+p.branch)
	err = c.rest.refusal(res, err)
	switch {
	case hasStatus(err, http.StatusNotFound):
		return p, nil
	case err != nil:
		return nil, diagnose(err, b.Deployment, "reading branch "+p.branch+" of")
	}
	p.head = ref.GetObject().GetSHA()
	if p.pull, err = c.openPull(ctx, base, p.branch); err != nil {
		return nil, err
	}
	d := b.Deployment
	d.Branch = p.branch
	snapshot, err := c.backend(d).read(ctx, d)
	if refused := problem.As(err); err != nil && (refused == nil || refused.Status != problem.Refused) {
		return nil, err
	}
	if err == nil {
		p.snapshot, p.head = snapshot, snapshot.Head
	}
	return p, nil
}

// openPull finds the open pull request from a branch to the base, nil where there is none.
func (c *Client) openPull(ctx context.Context, base *Snapshot, branch string) (*gogithub.PullRequest, error) {
	owner, name := split(base.Repository)
	pulls, res, err := c.rest.client().PullRequests.List(ctx, owner, name, &gogithub.PullRequestListOptions{
		State: "open", Head: owner + ":" + branch, Base: base.Branch,
	})
	if err = c.rest.refusal(res, err); err != nil {
		return nil, diagnose(err, base.deployment(), "listing pull requests of")
	}
	for _, pull := range pulls { // some servers ignore the filter
		if pull.GetHead().GetRef() == branch && pull.GetBase().GetRef() == base.Branch {
			return pull, nil
		}
	}
	return nil, nil
}

// holds reports whether the branch has what a draft wants, on a base where nobody has changed these files since.
func (p *pending) holds(draft *Draft) bool {
	if p.snapshot == nil {
		return false
	}
	for path, original := range draft.Snapshot.Files {
		if !bytes.Equal(p.snapshot.Files[path], draft.wanted(path, original)) {
			return false
		}
	}
	if !bytes.Equal(p.snapshot.held, draft.wanted(draft.Snapshot.holdPath, draft.Snapshot.held)) {
		return false
	}
	for path, original := range draft.Snapshot.former {
		if !bytes.Equal(p.snapshot.former[path], draft.wanted(path, original)) {
			return false
		}
	}
	history := draft.Snapshot.History
	return len(history) == 0 || slices.ContainsFunc(p.snapshot.History, func(c Commit) bool { return c.SHA == history[0].SHA })
}

// requireOurs refuses to take over a branch with commits of others. A merge of the base, as the button "Update branch"
// makes it, has nothing of its own.
func (c *Client) requireOurs(ctx context.Context, p proposal) error {
	base := p.draft.Snapshot
	owner, name := split(base.Repository)
	found, res, err := c.rest.client().Repositories.CompareCommits(ctx, owner, name, base.Head, p.pending.head, &gogithub.ListOptions{PerPage: 100})
	if err = c.rest.refusal(res, err); err != nil {
		return diagnose(err, base.deployment(), "comparing branch "+p.pending.branch+" with")
	}
	var foreign []string
	for _, commit := range found.Commits {
		title, _, _ := strings.Cut(commit.GetCommit().GetMessage(), "\n")
		update := len(commit.Parents) == 2 && strings.HasPrefix(title, "Merge branch '"+base.Branch+"' into ")
		if !update && !p.made(commit.GetCommit().GetMessage()) {
			foreign = append(foreign, fmt.Sprintf("%.8s %q by %s", commit.GetSHA(), title, commit.GetCommit().GetAuthor().GetName()))
		}
	}
	if more := found.GetTotalCommits() - len(found.Commits); more > 0 {
		foreign = append(foreign, fmt.Sprintf("%d more", more))
	}
	if len(foreign) == 0 {
		return nil
	}
	remedy := "delete the branch: gh api -X DELETE repos/" + base.Repository + "/git/refs/heads/" + p.pending.branch
	if p.pending.pull != nil {
		remedy = fmt.Sprintf("merge the pull request, or close it and delete its branch: gh pr close %d --delete-branch --repo %s",
			p.pending.pull.GetNumber(), base.Repository)
	}
	return problem.New(problem.Refused, remedy, "refusing to replace branch %q of %s: it has commits of others: %s",
		p.pending.branch, base.Repository, strings.Join(foreign, ", "))
}

// made reports whether a bump of our service to our environment left this message.
func (b Bump) made(message string) bool {
	trailers := ParseTrailers(message)
	repository, _, _ := trailers.Source()
	return repository == b.application() && trailers.Get(TrailerEnvironment) == b.Environment && trailers.Get(TrailerBumpID) != ""
}

// alreadyExists knows the refusal of a second pull request between two branches.
func alreadyExists(err error) bool {
	return hasStatus(err, http.StatusUnprocessableEntity) && strings.Contains(err.Error(), "pull request already exists")
}

var errNoRef = errors.New("no such branch")

// headOf reads one branch.
func (c *Client) headOf(ctx context.Context, repository, branch string) (string, error) {
	owner, name := split(repository)
	ref, res, err := c.rest.client().Git.GetRef(ctx, owner, name, "heads/"+branch)
	err = c.rest.refusal(res, err)
	if hasStatus(err, http.StatusNotFound) {
		return "", errNoRef
	}
	return ref.GetObject().GetSHA(), err
}
