package git_test

import (
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// TestFetchBringsACommitThatTheCloneLacks also wants no branch moved, and nothing else of the clone changed.
func TestFetchBringsACommitThatTheCloneLacks(t *testing.T) {
	upstream := repository(t)
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, upstream, "clone", "-q", "file://"+upstream, clone)
	ours := commit(t, clone, "ours")
	theirs := commit(t, upstream, "theirs")
	refs := runGit(t, clone, "for-each-ref")
	for _, id := range []commitid.ID{theirs, theirs[:8]} {
		t.Run(string(id), func(t *testing.T) {
			fresh := filepath.Join(t.TempDir(), "clone")
			runGit(t, upstream, "clone", "-q", "file://"+upstream, fresh)
			runGit(t, fresh, "reset", "-q", "--hard", "HEAD~1")
			runGit(t, fresh, "reflog", "expire", "--expire=now", "--all")
			runGit(t, fresh, "update-ref", "-d", "refs/remotes/origin/HEAD")
			runGit(t, fresh, "update-ref", "-d", "refs/remotes/origin/stabilize/1.0")
			runGit(t, fresh, "gc", "-q", "--prune=now")
			before := runGit(t, fresh, "for-each-ref")
			if got, err := git.Compare(t.Context(), fresh, id, revision(t, fresh, "HEAD")); err != nil || got.Missing != id {
				t.Fatalf("before: %+v, %v", got, err)
			}
			if found, err := git.Fetch(t.Context(), fresh, id); err != nil || !found {
				t.Fatalf("found %t, %v", found, err)
			}
			got, err := git.Compare(t.Context(), fresh, id, revision(t, fresh, "HEAD"))
			if err != nil || got.Relation != git.Behind || got.Base.SHA != theirs {
				t.Errorf("%+v, %v", got, err)
			}
			if after := runGit(t, fresh, "for-each-ref"); after != before {
				t.Errorf("references\n%s\nwere\n%s", after, before)
			}
		})
	}
	if found, err := git.Fetch(t.Context(), clone, "0123456789abcdef0123456789abcdef01234567"); err != nil || found {
		t.Errorf("a commit that is nowhere: %t, %v", found, err)
	}
	if got := runGit(t, clone, "for-each-ref"); got != refs || revision(t, clone, "HEAD") != ours {
		t.Errorf("references\n%s\nwere\n%s", got, refs)
	}
}

// TestFetchWithoutAnOrigin finds nothing, and fails no release.
func TestFetchWithoutAnOrigin(t *testing.T) {
	dir := repository(t)
	if found, err := git.Fetch(t.Context(), dir, "0123456789abcdef0123456789abcdef01234567"); err != nil || found {
		t.Errorf("found %t, %v", found, err)
	}
}

// TestFetchLeavesAShallowCloneShallow: the history below it may be large.
func TestFetchLeavesAShallowCloneShallow(t *testing.T) {
	upstream := repository(t)
	first := revision(t, upstream, "HEAD")
	commit(t, upstream, "second")
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, upstream, "clone", "-q", "--depth=1", "file://"+upstream, clone)
	if found, err := git.Fetch(t.Context(), clone, first); err != nil || found {
		t.Errorf("found %t, %v", found, err)
	}
	if got := runGit(t, clone, "rev-list", "--count", "HEAD"); got != "1" {
		t.Errorf("the clone has %s commits", got)
	}
}

// TestCompareWithoutTheHead is a promotion in a clone that has not fetched what is promoted.
func TestCompareWithoutTheHead(t *testing.T) {
	dir := repository(t)
	const head = "0123456789abcdef0123456789abcdef01234567"
	got, err := git.Compare(t.Context(), dir, revision(t, dir, "HEAD"), head)
	if err != nil || got.Relation != git.Unknown || got.Missing != head || got.Reason != "this clone has no commit 01234567" {
		t.Errorf("%+v, %v", got, err)
	}
}
