package argocd_test

import (
	"context"
	"testing"

	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
)

// TestRenderedManifests has another job commit the rendered manifests later: until then Argo CD is Synced and Healthy at the
// bump itself, with the old images, and after it the revision is never the bump's own.
func TestRenderedManifests(t *testing.T) {
	w := newWorld(t)
	bump := w.commit("bump")
	var rendered string
	comparisons := 0
	w.application(func(a double.Application) []double.Step {
		comparisons++
		switch {
		case a.At()[0] == w.old:
			return []double.Step{double.Same(bump)} // the manifests that it watches are the same
		case rendered == "" && comparisons == 4:
			rendered = w.commit("render")
			return double.Rollout([]string{newImage}, rendered)
		}
		return nil
	})
	result, err := w.client.Wait(t.Context(), target(bump, newImage), w.options())
	if err != nil || !w.server.Settled("shop") || rendered == "" || result.Revision != rendered {
		t.Fatalf("got %+v, error %v, rendered as %q\n%s", result, err, rendered, w.told())
	}
	w.says("Synced and Healthy at " + bump[:8] + ", waiting for image " + newImage)
}

// TestHelmfilePlugin has Argo CD render by itself: the images come with the bump's own revision.
func TestHelmfilePlugin(t *testing.T) {
	w := newWorld(t)
	bump := w.commit("bump")
	w.application(once(double.Rollout([]string{newImage, "docker.io/library/postgres:17"}, bump)...))
	w.done(target(bump, newImage), bump)
}

func TestImagesAreComparedAsClustersNameThem(t *testing.T) {
	const digest = "@sha256:6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f"
	for _, test := range []struct {
		want, live string
		same       bool
	}{
		{newImage, newImage, true},
		{newImage, oldImage, false},
		{newImage, newImage + digest, true},
		{newImage, "harbor.example.com:8443/ghcr/acme/shop:web-stage-a1b2c3d4", true},
		{newImage, "ghcr.io/acme/other:web-stage-a1b2c3d4", false},
		{newImage, "ghcr.io/acme/workshop:web-stage-a1b2c3d4", false},
		{newImage, "ghcr.io/acme/shop", false},
		{"ghcr.io/acme/shop" + digest, "mirror/acme/shop" + digest, true},
		{"ghcr.io/acme/shop" + digest, newImage, false},
		{"ghcr.io/acme/shop" + digest, "ghcr.io/acme/shop@sha256:00", false},
		{"localhost:5000/shop:1", "localhost:5000/shop:1", true},
		{"docker.io/library/shop:1", "shop:1", true},
		{"quay.io/acme/shop:1", "registry.test:5000/quay/shop:1", true}, // as the mirrors say
		{"quay.io/acme/shop:1", "registry.test:5000/other/shop:1", false},
	} {
		w := newWorld(t)
		w.application(nil, double.Live(test.live))
		wanted := target(w.old, test.want)
		wanted.Mirrors = map[string]string{"quay.io/acme": "registry.test:5000/quay"}
		_, err := w.client.Wait(t.Context(), wanted, w.options())
		if (err == nil) != test.same {
			t.Errorf("%s wanted, %s live: %v", test.want, test.live, err)
		}
	}
}

// TestImagesWithoutPods has a cron job, whose image the summary does not name until it runs.
func TestImagesWithoutPods(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	steps := double.Rollout([]string{newImage, "ghcr.io/acme/shop:job-1"}, commit)
	w.application(once(append(steps[:len(steps)-1], double.Live(newImage))...))
	w.done(target(commit, newImage, "ghcr.io/acme/shop:job-1"), commit)
}

// TestANewerBuildEndsTheWait has the values replaced before they were seen live.
func TestANewerBuildEndsTheWait(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	newer := w.commit("a newer build")
	w.application(once(double.Rollout([]string{"ghcr.io/acme/shop:web-stage-ffffffff"}, newer)...))
	options := w.options()
	options.Superseded = func(context.Context) (string, error) { return "commit " + newer[:8], nil }
	result, err := w.client.Wait(t.Context(), target(commit, newImage), options)
	if err != nil || result.Superseded != "commit "+newer[:8] || result.Revision != newer {
		t.Errorf("got %+v, error %v", result, err)
	}
}

func TestAnApplicationOfAnotherRepositoryEndsEarly(t *testing.T) {
	for _, test := range []struct{ url, revision, says string }{
		{"https://github.com/acme/other", branch, "made from acme/other, revision main"},
		{"https://github.com/acme/deployment", "release", "made from acme/deployment, revision release"},
		{"https://github.com/acme/deployment", "caf8c718df77ac822d6e7472bc60105409434121", "revision caf8c718"},
	} {
		w := newWorld(t)
		w.application(nil, func(a *double.Application) {
			a.Spec.Source = &double.Source{RepoURL: test.url, TargetRevision: test.revision}
		})
		w.ends(target(w.old), test.says, "the commit is in acme/deployment, branch main", "argocd.application")
	}
}

func TestARepositoryIsKnownByAnyAddress(t *testing.T) {
	for _, address := range []string{
		"https://github.com/acme/deployment.git", "https://user@github.example.com/ACME/deployment/", "git@github.com:acme/deployment.git",
		"ssh://git@github.com:22/acme/deployment", "http://127.0.0.1:8080/mirrors/acme/deployment.git",
	} {
		for _, revision := range []string{"", "HEAD", branch, "refs/heads/" + branch} {
			w := newWorld(t)
			w.application(nil, func(a *double.Application) {
				a.Spec.Source = &double.Source{RepoURL: address, TargetRevision: revision}
			})
			w.done(target(w.old, oldImage), w.old)
		}
	}
}
