package status

import (
	"context"
	"errors"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// readComponent finds what the values have of a component, the commit that put it there, and what it was built from.
func (sc *statusCollector) readComponent(ctx context.Context, v *deploymentView, c *status.Component) {
	snapshot := v.read.Snapshot
	c.Hold = holdOf(v.read, c.Name)
	if err := snapshot.CheckHolds(); err != nil {
		c.Error = errorReason(err)
	}
	tag, err := edit.TagOf(snapshot, v.probe, c.Name)
	if err != nil {
		c.Error = errorReason(err)
		return
	}
	c.Tag = tag
	newest := v.newest[c.Name]
	expected, err := plan.TagOf(sc.env.Project.Config, v.environment.Name, c.Name, newest.SHA)
	if err != nil {
		expected = "" // the template asks for more than the commit
	}
	ours := newest.Commit.SHA != "" && newest.Names(tag, expected)
	sha := edit.CommitInTag(tag)
	switch {
	case ours:
		sha = newest.SHA
		c.Deployed = deployedBy(newest.Commit, newest.Digest)
	case newest.Commit.SHA != "":
		c.Drift = append(c.Drift, status.Drift{Kind: status.HandEdit, Want: wantedTag(newest, expected), Have: tag})
	}
	if revision := sc.readRegistry(ctx, c, sha == ""); revision != "" {
		sha = revision
	}
	if kept, ok := snapshot.KeptAs(c.Name, tag); ok {
		sha = kept.Source
	}
	if sha != "" {
		c.Source = sc.sourceOf(ctx, sha, v.branch)
	}
}

// readRegistry asks for the tag; with origin also for the commit that the image says it was built from.
func (sc *statusCollector) readRegistry(ctx context.Context, c *status.Component, origin bool) (revision commitid.ID) {
	image := plan.Image{Component: c.Name, Repository: c.Image, Tag: c.Tag}
	var err error
	if origin {
		var found inspect.Found
		found, err = sc.env.Clients.Registry().Lookup(ctx, image.Ref())
		c.Registry.Digest, revision = found.Descriptor.Digest, found.Origin.Commit()
	} else {
		desc, failed := sc.env.Clients.Registry().Resolve(ctx, image.Ref())
		c.Registry.Digest, err = desc.Digest, failed
	}
	switch {
	case err == nil:
		c.Registry.Presence = status.Present
	case errors.Is(err, registry.ErrNotFound):
		c.Registry.Presence = status.Missing
	default:
		c.Registry.Presence, c.Registry.Reason = status.NotAsked, errorReason(err)
	}
	return revision
}

// deployedBy describes the deployment of a tag by a commit.
func deployedBy(commit repo.Commit, deployed digest.Digest) *status.Deployed {
	return &status.Deployed{
		By: commit.By(), Time: commit.Time.UTC(), Kind: kindOf(commit.Trailers()), Commit: commit.SHA, URL: commit.URL,
		Run: commit.Trailers().Get(trailer.Run), Digest: deployed,
	}
}

// wantedTag is the tag that a bump set, for people.
func wantedTag(o history.Provenance, expected string) string {
	if set := o.Commit.Changes()[o.Component]; len(set) > 0 {
		return set[0]
	}
	if expected == "" {
		return o.SHA.Short()
	}
	return expected
}

// holdOf is the newest hold of a component, one that no build ends before others; its person is the author of the last change of the file
// where it does not say so itself.
func holdOf(read repo.BranchRead, name component.Name) *status.Hold {
	var found *status.Hold
	for _, h := range read.Snapshot.Holds {
		if h.Component != name || found != nil && found.Until == string(config.HoldUntilLift) && h.Until != config.HoldUntilLift {
			continue
		}
		by := h.By
		if by == "" && len(read.Holding) > 0 {
			by = read.Holding[0].By()
		}
		found = &status.Hold{By: by, Since: h.Since.UTC(), Reason: h.Reason, Until: string(h.Until), Tag: h.Tag}
	}
	return found
}

// explainEdits finds out since when the values have what no bump set, and by which commit.
func (sc *statusCollector) explainEdits(ctx context.Context, v *deploymentView) error {
	open := map[component.Name]string{}
	for _, c := range v.result.Components {
		if c.Tag != "" && c.Deployed == nil {
			open[c.Name] = c.Tag
		}
	}
	if len(open) == 0 {
		return nil
	}
	client, err := sc.env.Clients.Deployment()
	if err != nil {
		return err
	}
	since, err := client.History.Since(ctx, v.read.Snapshot, v.probe, open)
	if err != nil {
		return err
	}
	for i := range v.result.Components {
		c := &v.result.Components[i]
		commit := since[c.Name]
		if commit.SHA == "" || open[c.Name] == "" {
			continue
		}
		kept, _ := v.read.Snapshot.KeptAs(c.Name, c.Tag)
		c.Deployed = deployedBy(commit, kept.Digest)
		kind, writer := sc.driftOf(client, commit)
		if writer == "" {
			c.Deployed.Kind = status.Edit
		}
		for n := range c.Drift {
			if d := &c.Drift[n]; d.Kind == status.HandEdit {
				d.Kind, d.Writer = kind, writer
				d.By, d.Time, d.Commit, d.URL = c.Deployed.By, timePointer(c.Deployed.Time), commit.SHA, commit.URL
			}
		}
		v.remember(status.Event{Kind: c.Deployed.Kind, Components: []component.Name{c.Name}, Tags: []string{c.Tag}}, commit)
	}
	return nil
}

// driftOf returns the kind of drift that a commit other than a bump of this service caused: a value set by hand, or by the returned
// service.
func (sc *statusCollector) driftOf(client *gitops.Client, commit repo.Commit) (kind status.DriftKind, writer string) {
	service, repository, isBump := commit.Writer()
	project := sc.env.Project
	ours := client.History.IsSelf(project.Application(), repository) &&
		(service == "" || client.History.IsSelf(project.Config.Service, service))
	if !isBump || ours {
		return status.HandEdit, ""
	}
	if service == "" || service == repository {
		return status.TakenOver, repository
	}
	return status.TakenOver, service + " (" + repository + ")"
}

func timePointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
