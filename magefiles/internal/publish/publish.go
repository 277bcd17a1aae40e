// Package publish releases this repository: a tag and notes for its version, and a pull request in each repository that
// vendors it. Everything is done through GitHub's API, from a clone that has the whole history; done twice it does nothing.
package publish

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Options of a Run.
type Options struct {
	Dir        string      // of the clone, with the whole history
	Repository string      // owner/name of this repository
	Version    string      // of VERSION, without v
	Commit     commitid.ID // that is released; whole
	Branch     string      // that the commit is the head of; the changelog's new heading is committed to it
	Consumers  []Consumer
	Own        *gogithub.Client // may write contents of this repository
	Uploads    *gogithub.Client // the same, where releases take files
	Targets    *Targets         // nil where a release has notes alone
	Others     *gogithub.Client // may write contents, workflows and pull requests of the consumers; nil where no consumer gets one
	Say        func(format string, args ...any)
	Now        func() time.Time // for the changelog
}

// Run publishes the version, then moves the consumers. One that fails does not keep the others from theirs.
func Run(ctx context.Context, o Options) error {
	n, err := o.publishRelease(ctx)
	if err != nil {
		return err
	}
	if o.Others == nil && len(o.Consumers) > 0 {
		return problem.New(problem.Usage, "set it to a token that has Contents, Pull requests and Workflows: read and write "+
			"on each consumer",
			"moving %d consumers: PUBLISH_TOKEN is not set", len(o.Consumers))
	}
	var errs []error
	for _, c := range o.Consumers {
		m := submoduleUpdate{Options: o, consumer: c, release: n}
		if err := m.run(ctx); err != nil {
			errs = append(errs, fmt.Errorf("moving %s: %w", c, explainPermission(err)))
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return errors.Join(errs...)
}

// publishedVersion is a version that GitHub has.
type publishedVersion struct {
	tag    string
	commit commitid.ID
	known  commitid.ID // the commit, or its parent where the clone does not have it: they differ in the changelog only
}

// publishRelease ensures that the tag and its notes exist. A version that another commit has does not apply to this commit: main had it
// when VERSION was last raised.
func (o Options) publishRelease(ctx context.Context) (publishedVersion, error) {
	p, err := o.ensureTag(ctx)
	if err != nil {
		return p, err
	}
	release, err := o.ensureRelease(ctx, p)
	if err != nil {
		return p, err
	}
	if err := (attachment{o, p, release}).upload(ctx); err != nil || !release.GetDraft() {
		return p, err
	}
	// An immutable release takes no files once it is public.
	owner, name, _ := strings.Cut(o.Repository, "/")
	_, _, err = o.Own.Repositories.EditRelease(ctx, owner, name, release.GetID(), &gogithub.RepositoryRelease{Draft: new(false)})
	if err == nil {
		o.Say("published %s", p.tag)
	}
	return p, explainPermission(err)
}

// ensureRelease returns the release of a version, which is a draft until all is in it.
func (o Options) ensureRelease(ctx context.Context, p publishedVersion) (*gogithub.RepositoryRelease, error) {
	owner, name, _ := strings.Cut(o.Repository, "/")
	release, res, err := o.Own.Repositories.GetReleaseByTag(ctx, owner, name, p.tag)
	if err == nil || !isNotFound(res) {
		return release, explainPermission(err)
	}
	// Drafts have no tag yet. A killed run's is among the newest.
	newest, _, err := o.Own.Repositories.ListReleases(ctx, owner, name, &gogithub.ListOptions{PerPage: 100})
	if err != nil {
		return nil, fmt.Errorf("looking for a draft of %s: %w", p.tag, explainPermission(err))
	}
	for _, release := range newest {
		if release.GetDraft() && release.GetTagName() == p.tag {
			return release, nil
		}
	}
	notes, err := o.releaseNotes(ctx, p)
	if err != nil {
		return nil, err
	}
	release, _, err = o.Own.Repositories.CreateRelease(ctx, owner, name, &gogithub.RepositoryRelease{
		TagName: &p.tag, Name: &p.tag, Body: &notes, Draft: new(true),
	})
	return release, explainPermission(err)
}

// ensureTag returns the version that its tag names, and puts the tag where there is none.
func (o Options) ensureTag(ctx context.Context) (p publishedVersion, err error) {
	p = publishedVersion{tag: "v" + o.Version, commit: o.Commit, known: o.Commit}
	owner, name, _ := strings.Cut(o.Repository, "/")
	_, res, err := o.Own.Git.GetRef(ctx, owner, name, "tags/"+p.tag)
	switch {
	case isNotFound(res):
		if p.commit, err = o.nameVersion(ctx); err != nil {
			return p, err
		}
		return p, o.pushTag(ctx, p)
	case err != nil:
		return p, fmt.Errorf("looking for %s: %w", p.tag, explainPermission(err))
	}
	// The reference of an annotated tag names an object of its own, which is no commit.
	tagged, _, err := o.Own.Repositories.GetCommitSHA1(ctx, owner, name, "tags/"+p.tag, "")
	if err != nil {
		return p, fmt.Errorf("reading %s: %w", p.tag, explainPermission(err))
	}
	if p.commit = commitid.ID(tagged); p.commit == o.Commit {
		return p, nil
	}
	named, err := o.isNaming(ctx, p.commit)
	if err == nil && !named {
		p.known = p.commit
		o.Say("%s is %s already, and stays so: raise VERSION to publish %s", p.tag, p.commit.Short(), o.Commit.Short())
	}
	return p, err
}

func (o Options) pushTag(ctx context.Context, p publishedVersion) error {
	owner, name, _ := strings.Cut(o.Repository, "/")
	_, _, err := o.Own.Git.CreateRef(ctx, owner, name, &gogithub.Reference{
		Ref: new("refs/tags/" + p.tag), Object: &gogithub.GitObject{SHA: new(string(p.commit))},
	})
	if err != nil {
		return fmt.Errorf("tagging %s as %s: %w", p.commit.Short(), p.tag, explainPermission(err))
	}
	return nil
}

func isNotFound(res *gogithub.Response) bool {
	return res != nil && res.Response != nil && res.StatusCode == http.StatusNotFound
}

// explainPermission adds which permission GitHub misses, where it says so: it answers 404 to what a token may not see.
func explainPermission(err error) error {
	refused, ok := errors.AsType[*gogithub.ErrorResponse](err)
	if !ok || refused.Response == nil {
		return err
	}
	switch refused.Response.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		needs := refused.Response.Header.Get("X-Accepted-GitHub-Permissions")
		if needs == "" {
			needs = "contents=write, pull_requests=write, workflows=write"
		}
		return problem.New(problem.Failed, "let the token (GITHUB_TOKEN for this repository, PUBLISH_TOKEN for the consumers) have "+needs,
			"%w", err)
	}
	return err
}
