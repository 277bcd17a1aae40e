package buildkit

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// job is one image of a Run: what it needs of this machine, and what has become of it.
type job struct {
	plan.Image
	secrets attachable.Secrets
	ssh     session.Attachable // nil: none
	track   *progress.Component
	built   Image

	mu      sync.Mutex
	answers []identity.Fingerprint // of the daemons that have built it, or a part of it
}

// addAnswer notes what a daemon has built.
func (j *job) addAnswer(f identity.Fingerprint) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.answers = append(j.answers, f)
}

// mergedFingerprint is that of all parts together.
func (j *job) mergedFingerprint() identity.Fingerprint {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.answers) == 1 {
		return j.answers[0]
	}
	var trees []identity.Tree
	for _, f := range j.answers {
		if f.Key == "" {
			return f
		}
		trees = append(trees, f.Tree)
	}
	tree := identity.Merge(trees...)
	return identity.Fingerprint{Key: tree.Key(), Tree: tree}
}

// findReusable makes the jobs, and finds what the layout has already.
func findReusable(ctx context.Context, p plan.Plan, o Options, layout *ocilayout.Layout) ([]*job, error) {
	jobs := make([]*job, len(p.Images))
	for i, img := range p.Images {
		jobs[i] = &job{Image: img, built: Image{Component: img.Component, Ref: img.Ref()}}
		if o.Rebuild || o.NoCache || o.Lint { // only BuildKit checks a Dockerfile
			continue
		}
		desc, found, err := layout.FindByKey(ctx, o.Fingerprints[img.Component].Key)
		if err != nil {
			return nil, err
		}
		if found {
			jobs[i].built.Descriptor, jobs[i].built.Reused = desc, true
			jobs[i].built.Fingerprint = o.Fingerprints[img.Component]
		}
	}
	return jobs, nil
}

// prepareJobs checks all that can be checked without a daemon, and reads the secrets of each image that is built.
func prepareJobs(jobs []*job, root string, lookup func(string) (string, bool)) (err error) {
	for _, j := range jobs {
		if j.built.Reused {
			continue
		}
		for _, img := range j.Image.WithNeeds() {
			if err := checkFiles(img, root); err != nil {
				return err
			}
		}
		if j.secrets, err = attachable.ReadSecrets(j.Image, root, lookup); err != nil {
			return err
		}
		if j.ssh, err = attachable.OpenSSH(j.Image, root, lookup); err != nil {
			return err
		}
	}
	return nil
}

// sessionAttachables returns the services that the job's steps may request from this machine. Each solve gets new ones.
func (j *job) sessionAttachables(keys *attachable.Keyring) []session.Attachable {
	all := []session.Attachable{keys.Attachable(), secretsprovider.FromMap(j.secrets)}
	if j.ssh != nil {
		all = append(all, j.ssh)
	}
	return all
}

// layoutEntry is the job's image as the layout remembers it. What was built of a changed tree says so in its labels, so that no
// commit takes it for its own.
func (j *job) layoutEntry(commit git.Commit, o Options) ocilayout.Entry {
	e := ocilayout.Entry{
		Ref: j.built.Ref, Descriptor: j.built.Descriptor, Revision: commit.SHA, Remote: j.built.Remote,
		Sources: repositoriesOf(o.Fingerprints[j.Component].Bases),
	}
	if !commit.IsDirty() {
		e.Key, e.PrepareKey = j.built.Fingerprint.Key, o.PrepareKeys[j.Component]
	}
	return e
}

// repositoriesOf are those of images, sorted.
func repositoriesOf(images map[string]digest.Digest) []imageref.Repository {
	var all []imageref.Repository
	for image := range images {
		if ref, err := imageref.Parse(image); err == nil {
			all = append(all, ref.Repository)
		}
	}
	slices.SortFunc(all, imageref.Repository.Compare)
	return slices.Compact(all)
}

// complete fills in what is known of a built image.
func (j *job) complete(ctx context.Context, layout *ocilayout.Layout, desc ocispec.Descriptor, remote bool, start time.Time) error {
	j.built.Descriptor, j.built.Remote = desc, remote
	if !j.built.Reused {
		j.built.Duration = time.Since(start)
	}
	j.built.Warnings = j.track.Warnings
	j.built.Steps, _, j.built.CachedSteps = j.track.StepCounts()
	if remote || j.built.Existing {
		return nil
	}
	blobs, err := layout.BlobSizes(ctx, desc)
	for _, size := range blobs {
		j.built.Size += size
	}
	return err
}
