package targets_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/inbox"
)

const (
	slackHook   = "https://hooks.slack.com/services/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"
	discordHook = "https://discord.com/api/webhooks/123456789012345678/hidden-token-of_discord"
)

// told is an application whose astrago.yaml has a notify, with an inbox that gets what it sends.
func told(t *testing.T, notify string) (*application, *inbox.Inbox) {
	t.Helper()
	received, err := inbox.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := received.Close(); err != nil {
			t.Error(err)
		}
	})
	a := newWorld(t).application("frontend")
	a.write("astrago.yaml", readFile(t, a.dir+"/astrago.yaml")+"\nnotify: "+notify+"\n")
	a.commit("tell somebody")
	a.env = append(received.Environ(), "ASTRAGO_NOTIFY_URLS="+slackHook, "ASTRAGO_NOTIFY_URLS_OPS="+discordHook)
	return a, received
}

// wantPosts checks how many messages there are and that each says all the words.
func wantPosts(t *testing.T, received *inbox.Inbox, n int, words ...string) {
	t.Helper()
	posts := received.Posts()
	if len(posts) != n {
		t.Errorf("%d messages, want %d: %+v", len(posts), n, posts)
	}
	for _, p := range posts {
		for _, word := range words {
			if !strings.Contains(p.Body, word) {
				t.Errorf("the message does not say %q: %s", word, p.Body)
			}
		}
	}
	received.Forget()
}

// TestPeopleAreTold goes through the ends of a run that somebody asked for, and those that nobody did.
func TestPeopleAreTold(t *testing.T) {
	t.Parallel()
	a, received := told(t, "[{ on: [failure, recovered], language: ko }, { on: success, urls: ASTRAGO_NOTIFY_URLS_OPS }]")
	source := "github-" + a.deployToken
	_, err := a.github.CreateRepository(t.Context(), "acme/frontend", "main", nil)
	a.must(err)
	a.github.Grant(source, "acme/frontend", github.Permissions{Contents: github.Read, Deployments: github.Read})
	a.env = append(a.env, "GITHUB_TOKEN="+source, "GITHUB_REPOSITORY=acme/frontend", "GITHUB_RUN_ID=42")

	a.refuse(3, []string{"no such image"}, "bump")
	wantPosts(t, received, 1, "frontend → stage 태그 반영 거부됨", "실패한 단계: check", "원인: refusing to bump", "push them first", "actions/runs/42", a.shortSHA())

	a.succeed("release", "-dryRun")
	a.succeed("build")
	wantPosts(t, received, 0)

	a.must(a.github.Deploy("acme/frontend", "stage", "FAILURE"))
	a.must(a.github.Deploy("acme/frontend", "stage", "IN_PROGRESS")) // this one
	result := a.succeed("release")
	posts := received.Posts()
	if len(posts) != 2 || !strings.Contains(posts[0].Body+posts[1].Body, "복구: frontend → stage 릴리스 완료") {
		t.Errorf("messages %+v\n%s", posts, result.stderr)
	}
	wantPosts(t, received, 2, "github.com/acme/deployment/commit/"+strings.TrimSpace(result.stdout), "frontend-stage-"+a.shortSHA())

	a.must(a.github.Deploy("acme/frontend", "stage", "SUCCESS"))
	a.succeed("release")
	wantPosts(t, received, 0)
}

// TestAFailingMessageFailsNoRelease also looks at what is said about it: no part of the address.
func TestAFailingMessageFailsNoRelease(t *testing.T) {
	t.Parallel()
	a, received := told(t, "{ on: success }")
	a.env = append(a.env, "ASTRAGO_NOTIFY_URLS="+slackHook+" slack://nonsense-hiddenhidden generic+https://hooks.example.com/hidden")
	received.Answer("hooks.slack.com", inbox.Answer{Status: http.StatusNotFound, Body: "no_team"})
	result := a.succeed("release")
	if strings.Contains(strings.ToLower(result.stderr), "hidden") || strings.Count(result.stderr, "could not notify ASTRAGO_NOTIFY_URLS: address") != 2 {
		t.Errorf("output\n%s", result.stderr)
	}
	if !slices.ContainsFunc(received.Posts(), func(p inbox.Post) bool { return p.Host == "hooks.example.com" }) {
		t.Errorf("messages %+v", received.Posts())
	}
}

// TestACancelledRunTellsOnlyWhoAlwaysAsks ends a run and does not wait long for a receiver that says nothing.
func TestACancelledRunTellsOnlyWhoAlwaysAsks(t *testing.T) {
	t.Parallel()
	a, received := told(t, "[{ on: [failure, success, recovered] }, { on: always, urls: ASTRAGO_NOTIFY_URLS_OPS }]")
	received.Answer("discord.com", inbox.Answer{Never: true})
	a.replace("Dockerfile", "RUN write /dist", "RUN sleep 30\nRUN write /dist")
	a.commit("a slow step")
	run := a.start("release")
	run.stderr.until(t, "RUN sleep 30")
	run.signal(syscall.SIGTERM)
	result := run.wait()
	if result.code != 143 || !strings.Contains(result.stderr, "sending to Discord: no answer within 3s") {
		t.Errorf("exit code %d\n%s", result.code, result.stderr)
	}
	wantPosts(t, received, 1, "release of frontend to stage cancelled")
}

// TestPeopleAreToldWhatAPersonDecided follows the commands that deploy what exists.
func TestPeopleAreToldWhatAPersonDecided(t *testing.T) {
	t.Parallel()
	a, received := told(t, "{ on: [failure, success] }")
	first := a.next("first")
	received.Forget()
	a.write("src/frontend.txt", "second")
	a.commit("second")
	a.succeed("build")
	a.succeed("push")
	wantPosts(t, received, 0)
	a.succeed("bump")
	wantPosts(t, received, 1, "frontend bumped to stage", stageTag(a.shortSHA()))
	second := a.shortSHA()

	summary := filepath.Join(t.TempDir(), "summary")
	a.env = append(a.env, "GITHUB_REPOSITORY=acme/frontend", "GITHUB_RUN_ID=42", "GITHUB_ACTOR=kim", "GITHUB_STEP_SUMMARY="+summary)
	a.succeed("rollback", "-dryRun")
	a.succeed("hold")
	wantPosts(t, received, 0)
	remove := a.github.Intercept(github.On(mutation, 1, github.Action{Reply: &github.Reply{Status: http.StatusUnprocessableEntity, Body: `{"message":"no"}`}}))
	a.refuse(1, []string{"→ mage rollback -env=stage -to="}, "rollback", "-reason=login fails")
	remove()
	wantPosts(t, received, 1, "rollback of frontend in stage failed", "Next: mage rollback -env=stage -to=", "-reason='login fails'")
	a.succeed("rollback", "-reason=login fails")
	wantPosts(t, received, 1, "rolled back frontend in stage", "Restored: acme/deployment@", "Replaced: "+stageTag(second), "Images: frontend "+stageTag(first),
		"Reason: login fails", "By: kim", "mage hold -env=stage -lift", "actions/runs/42")
	for _, words := range []string{"Reason: login fails", "By: kim", "frontend held in acme/deployment", "+" + stageTag(first)} {
		if !strings.Contains(readFile(t, summary), words) {
			t.Errorf("the job summary does not say %q:\n%s", words, readFile(t, summary))
		}
	}
	a.env = append(a.env, "GITHUB_RUN_ID=43")
	a.refuse(3, []string{"stage is held"}, "release")
	wantPosts(t, received, 1, "release of frontend to stage refused", "stage is held", "Next: release a commit that descends")
	a.succeed("hold", "-lift")
	wantPosts(t, received, 1, "the hold of frontend in stage is lifted", "By: kim")
	a.succeed("hold", "-reason=closing")
	wantPosts(t, received, 1, "frontend in stage is held", "Reason: closing")
}

// TestARunWithoutAnEnvironmentIsToldInAWorkflow only: on a laptop somebody is looking.
func TestARunWithoutAnEnvironmentIsToldInAWorkflow(t *testing.T) {
	t.Parallel()
	a, received := told(t, "{ on: [failure, recovered] }")
	git(t, a.dir, "checkout", "-q", "-b", "feature")
	a.refuse(2, []string{"feature"}, "release")
	a.refuse(2, []string{"did you mean"}, "promote", "-env=stag")
	wantPosts(t, received, 0)
	a.env = append(a.env, "GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=acme/frontend", "GITHUB_RUN_ID=42")
	a.refuse(2, []string{"feature"}, "release")
	wantPosts(t, received, 1, "release of frontend failed", "Cause: ", "feature", "actions/runs/42")
	a.refuse(2, []string{"did you mean"}, "promote", "-env=stag")
	wantPosts(t, received, 1, "promote of frontend to stag failed", "actions/runs/42")
	a.run("plan")
	wantPosts(t, received, 0)
}
