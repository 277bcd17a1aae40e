package release

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// bump commits the new tags to every deployment of the plan.
func (s *session) bump(ctx context.Context, now *state) (upToDate bool, err error) {
	return s.commitAll(ctx, func(i int) deployment.Bump { return s.bumpOf(s.plan.Deployments[i], now, i) })
}

// commitAll makes one commit in every deployment of the plan.
func (s *session) commitAll(ctx context.Context, bumpOf func(i int) deployment.Bump) (upToDate bool, err error) {
	ctx, stage := s.stage(ctx, "bump")
	upToDate, s.begun, s.again = true, true, cmp.Or(s.again, s.sameAgain())
	for i := range s.plan.Deployments {
		result, err := s.commit(ctx, bumpOf(i))
		if err != nil {
			stage.Fail(err)
			return false, err
		}
		made := deployed(result)
		upToDate = upToDate && (result.UpToDate || made.KeepsAll())
		s.report.Deployment = append(s.report.Deployment, made)
		s.report.By = cmp.Or(s.report.By, result.Author)
	}
	switch {
	case upToDate && len(s.report.Proposals()) > 0:
		stage.Skip("a pull request proposes the values of this commit already")
	case upToDate && s.keepsAll():
		stage.Done("the values stay as they are: the images are those that are deployed")
	case upToDate:
		stage.Skip("nothing is to change")
	default:
		stage.Done(s.made())
	}
	return upToDate, nil
}

// made counts what the deployments got.
func (s *session) made() string {
	proposed := len(s.report.Proposals())
	commits := count(len(s.report.Deployment)-proposed, "commit")
	switch proposed {
	case 0:
		return commits
	case len(s.report.Deployment):
		return count(proposed, "pull request")
	}
	return commits + ", " + count(proposed, "pull request")
}

func deployed(result *deployment.Result) report.Deployment {
	d := report.Deployment{
		Repository: result.Repository, Branch: result.Branch, Commit: result.Commit, URL: result.URL, Changes: reported(result.Changes),
		Kept: keptBy(result.Kept),
	}
	if pull := result.PullRequest; pull != nil {
		d.PullRequest = &report.PullRequest{Number: pull.Number, URL: pull.URL, Merged: pull.Merged}
	}
	return d
}

// drafted is what a dry run says of a commit that it does not make.
func drafted(draft *deployment.Draft) report.Deployment {
	return report.Deployment{
		Repository: draft.Snapshot.Repository, Branch: draft.Snapshot.Branch, Subject: draft.Subject(), Changes: reported(draft.Changes),
		Kept: keptBy(draft.Kept()),
	}
}

func (s *session) commit(ctx context.Context, b deployment.Bump) (*deployment.Result, error) {
	client, err := s.deployment()
	if err != nil {
		return nil, err
	}
	return client.Bump(ctx, b)
}

func (s *session) bumpOf(target plan.Deployment, now *state, i int) deployment.Bump {
	images := s.images(now)
	return deployment.Bump{
		Deployment:  target,
		Service:     s.plan.Service,
		Formerly:    s.plan.Formerly,
		Environment: s.plan.Environment,
		Source:      s.plan.Commit,
		Images:      images,
		RunURL:      s.runURL(),
		Ref:         s.offRef,
		Ancestry:    s.clients.ancestry,
		Force:       s.options.Force,
		Snapshot:    now.snapshots[i],
		KeyOf:       s.keyOfImage,
		DigestOf:    s.digestUnder,
		Check:       s.chartCheck(target, images),
	}
}

// images are those of the plan, as far as they are known.
func (s *session) images(now *state) []deployment.Image {
	images := make([]deployment.Image, len(s.plan.Images))
	for i, image := range s.plan.Images {
		images[i] = deployment.Image{
			Component: image.Component, Ref: image.Ref(), Digest: now.knownDigest(i), Key: now.knownKey(i),
		}
	}
	return images
}

// guard is one of deployment.Client's that may refuse a draft, and else tells what a commit of it would say.
type guard func(*deployment.Client, context.Context, deployment.Bump, *deployment.Draft) (notices []string, err error)

// requireAllowed asks a guard about every deployment. told are the notices that the command has told.
func (s *session) requireAllowed(ctx context.Context, now *state, drafts []*deployment.Draft, allows guard, told map[string]bool) error {
	client, err := s.deployment()
	if err != nil {
		return err
	}
	for i, target := range s.plan.Deployments {
		notices, err := allows(client, ctx, s.bumpOf(target, now, i), drafts[i])
		notices = slices.DeleteFunc(notices, func(notice string) bool { return told[notice] })
		s.foretell(notices)
		for _, notice := range notices {
			told[notice] = true
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// foretell says what guards notice in a dry run, which makes no commit that would say so.
func (s *session) foretell(notices []string) {
	if !s.options.DryRun {
		return
	}
	for _, notice := range notices {
		s.console.Note(notice)
	}
}

// drafts computes every edit without making it, so that a missing key is known before anything is built.
func (s *session) drafts(ctx context.Context, now *state) ([]*deployment.Draft, error) {
	drafts := make([]*deployment.Draft, len(now.snapshots))
	var errs []error
	for i, snapshot := range now.snapshots {
		draft, err := s.bumpOf(s.plan.Deployments[i], now, i).Draft(ctx, snapshot)
		if err == nil && len(draft.Files) > 0 {
			err = snapshot.CheckWrite()
		}
		drafts[i] = draft
		errs = append(errs, err)
	}
	return drafts, errors.Join(errs...)
}

// requirePublished refuses to name images that the registry lacks, or that are not those that were handed over.
func (s *session) requirePublished(_ context.Context, now *state) error {
	missing := now.missing(s.plan.Images)
	if len(missing) == 0 {
		return s.requireHandedOver(now)
	}
	refs := make([]string, len(missing))
	for i, image := range missing {
		refs[i] = image.Ref()
	}
	return problem.New(problem.Refused, "push them first: mage push (or all at once: mage release)",
		"refusing to bump: the registry has no such image, or the token may not see it\n  %s", strings.Join(refs, "\n  "))
}

func reported(changes []deployment.FileChange) []report.Change {
	reported := make([]report.Change, len(changes))
	for i, c := range changes {
		reported[i] = report.Change{File: c.File, Line: c.Line, Path: c.Path, Component: c.Component, Old: c.Old.String(), New: c.New.String(), Shared: c.Shared}
	}
	return reported
}
