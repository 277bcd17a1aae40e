package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/notify"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/inbox"
)

var (
	update   = flag.Bool("update", false, "write the golden files instead of comparing with them")
	received *inbox.Inbox
)

// TestMain makes the inbox the proxy of this process before net/http and crypto/x509 look, which they do once.
func TestMain(m *testing.M) {
	var err error
	if received, err = inbox.Start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, pair := range received.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		err = errors.Join(err, os.Setenv(name, value))
	}
	code := m.Run()
	if err = errors.Join(err, received.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// Addresses as the services give them out; every part of them that is secret has "hidden" or a run of one letter in it.
const (
	slackHook   = "https://hooks.slack.com/services/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"
	slackBot    = "slack://xoxb:123456789012-123456789012-hiddenhiddenhiddenhidden@C0HIDDEN0"
	discordHook = "https://discord.com/api/webhooks/123456789012345678/hidden-token-of_discord"
	teamsHook   = "https://acme.webhook.office.com/webhookb2/11111111-4444-4444-8444-cccccccccccc@22222222-4444-4444-8444-cccccccccccc" +
		"/IncomingWebhook/33333333012222222222333333333344/44444444-4444-4444-8444-cccccccccccc/V2ESyij_gAljSoUQHvZoZYzlpAoAXExyOl26dlf1xHEx05"
)

const patience = time.Minute

func message(t *testing.T, language string) report.Message {
	t.Helper()
	r := report.Report{
		Command: report.CommandRelease, Service: "backend", Environment: "stage",
		Run: "https://github.com/acme/backend/actions/runs/42?a_b=1",
		Commit: report.Commit{
			SHA: "a1b2c3d4e5f60718a1b2c3d4e5f60718a1b2c3d4", Branch: "main", Author: "김하늘", Title: "fix *retry* <!channel> @everyone & [x](y) " + t.Name(),
		},
		Stages: []report.Timing{{Name: "build", Outcome: report.Failed}},
	}
	r.Fail(errors.New("building core: exit code 1"))
	r.Next = "mage release -env=stage"
	return report.NewMessage(r, report.MessageOptions{Language: language})
}

func linux(t *testing.T) {
	t.Helper()
	received.Forget()
	if runtime.GOOS != "linux" && os.Getenv("CI") != "true" {
		t.Skip("only on Linux does SSL_CERT_FILE make the inbox trusted")
	}
}

// TestRequests holds what each service gets against a golden file: the request, decoded and indented.
func TestRequests(t *testing.T) {
	linux(t)
	received.Answer("slack.com", inbox.Answer{Body: `{"ok":true}`})
	for name, address := range map[string]string{
		"slack": slackHook, "slack-bot": slackBot, "discord": discordHook, "teams": teamsHook,
		"teams-workflow": "https://prod-07.westeurope.logic.azure.com:443/workflows/hidden/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=hidden-signature",
		"webhook":        "generic+https://hooks.example.com/build?template=json",
		"plain":          "generic://" + strings.TrimPrefix(received.URL(), "http://") + "/x?disabletls=yes",
	} {
		for _, language := range []string{"en", "ko"} {
			t.Run(name+"/"+language, func(t *testing.T) {
				if errs := notify.Send(t.Context(), message(t, language), []string{address}, patience); len(errs) > 0 {
					t.Fatal(errs)
				}
				posts := slices.DeleteFunc(received.Posts(), func(p inbox.Post) bool { return !strings.Contains(p.Body, t.Name()) })
				if len(posts) != 1 {
					t.Fatalf("%d requests", len(posts))
				}
				golden(t, name+"."+language+".txt", shown(posts[0]))
			})
		}
	}
}

// shown is a request as a reader wants it. The port of a loopback address is another every time.
func shown(p inbox.Post) string {
	host := p.Host
	if strings.HasPrefix(host, "127.0.0.1:") {
		host = "127.0.0.1"
	}
	body := p.Body
	var document any
	if json.Unmarshal([]byte(body), &document) == nil {
		var b strings.Builder
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(document) // what was decoded encodes
		body = b.String()
	}
	authorization := p.Header.Get("Authorization")
	return fmt.Sprintf("POST https://%s%s\nContent-Type: %s\nAuthorization: %s\n\n%s\n", host, p.Path, p.Header.Get("Content-Type"), authorization, body)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make it with -update)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

func TestMail(t *testing.T) {
	received.Forget()
	address := "smtp://dev:" + inbox.MailPassword + "@" + received.MailAddress() + "/?from=ci@example.com&to=a@example.com,b@example.com&starttls=no"
	if errs := notify.Send(t.Context(), message(t, "ko"), []string{address}, patience); len(errs) > 0 {
		t.Fatal(errs)
	}
	mails := received.Mails()
	if len(mails) != 2 || mails[0].User != "dev" || mails[0].From != "ci@example.com" || mails[1].To[0] != "b@example.com" {
		t.Fatalf("mails %+v", mails)
	}
	header, text, _ := strings.Cut(mails[0].Data, "\n\n")
	for _, r := range header {
		if r > '~' {
			t.Fatalf("the header holds %q:\n%s", r, header)
		}
	}
	if !strings.Contains(header, "Subject: =?utf-8?b?") || !strings.Contains(text, "커밋: a1b2c3d4 fix *retry* <!channel> @everyone") {
		t.Errorf("mail\n%s", mails[0].Data)
	}
}

// TestFailuresTellNoSecret breaks every service in several ways.
func TestFailuresTellNoSecret(t *testing.T) {
	linux(t)
	mail := "smtp://dev:hiddenpassword@" + received.MailAddress() + "/?from=ci@example.com&to=hidden@example.com&starttls=no"
	hosts := []string{"hooks.slack.com", "slack.com", "acme.webhook.office.com", "hooks.example.com", "discord.com"}
	addresses := []string{slackHook, slackBot, teamsHook, "generic+https://hooks.example.com/hidden-path?key=hiddenkey", discordHook, mail}
	for name, answer := range map[string]inbox.Answer{
		"refused": {Status: http.StatusForbidden, Body: "no_service hiddenhiddenhiddenhidden at https://hooks.slack.com/services/T0HIDDEN0/B0HIDDEN0/x"},
		"slow":    {Never: true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, host := range hosts {
				received.Answer(host, answer)
			}
			wait := patience
			if answer.Never {
				wait = 300 * time.Millisecond
			}
			errs := notify.Send(t.Context(), message(t, "en"), addresses, wait)
			if len(errs) < len(addresses)-1 || !answer.Never && len(errs) != len(addresses) { // mail may be refused in time
				t.Fatalf("%d addresses fail: %v", len(errs), errs)
			}
			for _, err := range errs {
				if strings.Contains(strings.ToLower(err.Error()), "hidden") || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "123456789012") {
					t.Errorf("error %q", err)
				}
			}
		})
	}
}

func TestOneFailureDoesNotStopTheOthers(t *testing.T) {
	linux(t)
	received.Answer("hooks.slack.com", inbox.Answer{Never: true})
	errs := notify.Send(t.Context(), message(t, "en"), []string{slackHook, "gopher://x", "generic+https://hooks.example.com/ok"}, time.Second)
	if len(errs) != 2 || !strings.Contains(errs[0].Error(), "address 1 of 3: sending to Slack: no answer within 1s") {
		t.Errorf("errors %v", errs)
	}
	if !slices.ContainsFunc(received.Posts(), func(p inbox.Post) bool { return p.Host == "hooks.example.com" && p.Path == "/ok" }) {
		t.Errorf("requests %+v", received.Posts())
	}
}

func TestAnEndedContextIsNotWaitedFor(t *testing.T) {
	linux(t)
	received.Answer("hooks.slack.com", inbox.Answer{Never: true})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the job was cancelled"))
	errs := notify.Send(ctx, message(t, "en"), []string{slackHook}, time.Hour)
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "the job was cancelled") {
		t.Errorf("errors %v", errs)
	}
}

func TestMalformedAddressesAreExplained(t *testing.T) {
	for _, address := range []string{
		"slack://hiddenhidden", "discord://hidden@123/x/y", "https://example.com/hidden", "teams://hidden", "smtp://u:hiddenpass@h/", "hidden", "%zz://hidden",
	} {
		errs := notify.Send(t.Context(), message(t, "en"), []string{address}, patience)
		if len(errs) != 1 || strings.Contains(errs[0].Error(), "hidden") || !strings.Contains(errs[0].Error(), "shoutrrr") {
			t.Errorf("%s: errors %v", address, errs)
		}
	}
}

func TestCheckNamesServicesAndSendsNothing(t *testing.T) {
	services, errs := notify.Check([]string{slackHook, "slack://hiddenhidden"})
	if !slices.Equal(services, []string{"Slack"}) || len(errs) != 1 || !strings.Contains(errs[0].Error(), "address 2 of 2") || strings.Contains(errs[0].Error(), "hidden") {
		t.Errorf("%q, %v", services, errs)
	}
}
