package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
)

const secret = "ghp_S3cr3t+/=?&<Ω\"\\x"

func TestRedactorKnowsTheFormsOfASecret(t *testing.T) {
	r := redact.New(secret)
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]string{
		"plain":         secret,
		"query":         url.QueryEscape(secret),
		"path":          url.PathEscape(secret),
		"base64":        base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 raw":    base64.RawStdEncoding.EncodeToString([]byte(secret)),
		"base64url":     base64.URLEncoding.EncodeToString([]byte(secret)),
		"base64url raw": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"json":          strings.Trim(string(quoted), `"`),
		"json, ascii":   strings.Trim(strconv.QuoteToASCII(secret), `"`),
		"hex":           hex.EncodeToString([]byte(secret)),
		"HEX":           strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"percent":       strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"),
		"small percent": regexp.MustCompile(`%..`).ReplaceAllStringFunc(url.PathEscape(secret), strings.ToLower),
	}
	for name, form := range forms {
		if got, want := r.String("before "+form+" after"), "before *** after"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// A Basic header holds the secret behind a user name, which shifts its base64 form.
func TestRedactorKnowsAuthorizationHeaders(t *testing.T) {
	r := redact.New(secret)
	for _, user := range []string{"", "u", "us", "use", "x-access-token"} {
		for _, tail := range []string{"", "!", "!!"} {
			header := base64.StdEncoding.EncodeToString([]byte(user + ":" + secret + tail))
			got := r.String(header)
			if !strings.Contains(got, "***") {
				t.Fatalf("%s:<secret>%s is not masked: %s", user, tail, got)
			}
			// What remains beside the mask are letters that hold bits of the neighbours too: three at either end.
			if rest := len(got) - len("***") - base64.StdEncoding.EncodedLen(len(user)+1+len(tail)); rest > 6 {
				t.Errorf("%s:<secret>%s leaves %d letters: %s", user, tail, rest, got)
			}
		}
	}
}

func TestRedactorMasksEachLine(t *testing.T) {
	r := redact.New("-----BEGIN KEY-----\r\nMIIEvQIBADANBg\r\nabc\r\n-----END KEY-----\n")
	got := r.String("key: MIIEvQIBADANBg abc\n-----BEGIN KEY-----\n")
	if want := "key: *** abc\n***\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRedactorIgnoresWhatIsTooShort(t *testing.T) {
	r := redact.New("", "abc", "비밀번")
	r.Guess("main", "비밀번호다")
	for _, text := range []string{"", "abc", "비밀번", "main", "비밀번호다"} {
		if got := r.String(text); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	r.Add("pin4", "비밀번호")
	r.Guess("letter")
	if got := r.String("pin4 비밀번호 letter!"); got != "*** *** ***!" {
		t.Errorf("the shortest: got %q", got)
	}
}

// What only looks like a secret changes nothing that a program reads; what is one shows nowhere.
func TestGuessesAreForPeopleOnly(t *testing.T) {
	r := redact.New("declared-secret")
	r.Guess("core-stage")
	const line = "ghcr.io/acme/x:core-stage-1 declared-secret"
	if got := r.String(line); got != "ghcr.io/acme/x:***-1 ***" {
		t.Errorf("for people: %q", got)
	}
	var b strings.Builder
	w := r.DeclaredWriter(&b)
	if _, err := io.WriteString(w, line); err != nil || w.Flush() != nil || b.String() != "ghcr.io/acme/x:core-stage-1 ***" {
		t.Errorf("for programs: %q, %v", b.String(), err)
	}
	if !r.Reveals(line) || r.Reveals("ghcr.io/acme/x:core-stage-1") {
		t.Error("a declared secret is found, a guess is none")
	}
}

// Four digits are part of many a digest, and yet no digest holds a secret.
func TestShortSecretsCountWhereTheyStandAlone(t *testing.T) {
	r := redact.New("4711", "a-longer-secret")
	for text, want := range map[string]bool{
		"sha256:ab4711cd": false, "4711": true, "tag-4711": true, "x:4711@sha256": true, "xa-longer-secretx": true, "a-longer-secre": false,
	} {
		if got := r.Reveals(text); got != want {
			t.Errorf("Reveals(%q) = %t", text, got)
		}
	}
}

func TestRedactorLearnsWhileWritersAreOpen(t *testing.T) {
	var b bytes.Buffer
	r := redact.New()
	w, stream := r.Writer(&b), r.Stream()
	r.Add("added-later")
	if _, err := w.Write([]byte("added-later\n")); err != nil || b.String() != "***\n" {
		t.Errorf("writer: %q, %v", b.String(), err)
	}
	if got := stream.Next("added-") + stream.Next("later") + stream.End(); got != "***" {
		t.Errorf("stream: %q", got)
	}
}

// The values in files of credentials are secrets of their own, whatever stands beside them, and so is what their base64 says.
func TestRedactorKnowsTheValuesInFilesOfCredentials(t *testing.T) {
	auth := base64.StdEncoding.EncodeToString([]byte("deploy:pass-of-deploy"))
	for name, file := range map[string]string{
		"npmrc":      "registry=https://npm.example.com/\n//npm.example.com/:_authToken=npm_value1\n//npm.example.com/:_auth=" + auth + "\n",
		"json":       "{\"auths\": {\"ghcr.io\": {\"auth\": \"" + auth + "\", \"note\": \"plain\"}, \"x\": {\"token\":\"npm_value1\"}}}",
		"netrc":      "machine example.com login deploy password npm_value1\nmachine other login x password pass-of-deploy\n",
		"properties": "  gradle.publish.secret = npm_value1\r\nmavenPassword: 'pass-of-deploy'\r\n",
	} {
		r := redact.New(file)
		for _, value := range []string{"npm_value1", "pass-of-deploy"} {
			if got := r.String("say " + value); got != "say ***" {
				t.Errorf("%s: %q shows as %q", name, value, got)
			}
		}
		for _, word := range []string{"registry", "https://npm.example.com/x", "example.com", "plain"} {
			if got := r.String(word); got != word {
				t.Errorf("%s: %q is masked: %q", name, word, got)
			}
		}
	}
}

// Tools break base64 into lines.
func TestRedactorKnowsBase64InLines(t *testing.T) {
	secret := strings.Repeat("0123456789abcdefghij", 9)
	r, encoded := redact.New(secret), base64.StdEncoding.EncodeToString([]byte(secret))
	for _, width := range []int{64, 76} {
		var lines []string
		for rest := encoded; rest != ""; rest = rest[min(width, len(rest)):] {
			lines = append(lines, rest[:min(width, len(rest))])
		}
		got := r.String(strings.Join(lines, "\n"))
		for _, line := range lines {
			if len(line) >= 8 && strings.Contains(got, line) {
				t.Errorf("in lines of %d, %q shows", width, line)
			}
		}
	}
}

func TestRedactorMergesOverlaps(t *testing.T) {
	r := redact.New("abcdef", "defghi", "abcdefghijkl")
	tests := map[string]string{
		"abcdef":         "***",
		"-abcdefghi-":    "-***-",
		"abcdefghijkl!":  "***!",
		"abcdefghijk!":   "***jk!",
		"abcdefabcdef":   "***",
		"abcdef abcdef":  "*** ***",
		"abcde abcdef":   "abcde ***",
		"aabcdef":        "a***",
		"ababcdefababcd": "ab***ababcd",
	}
	for text, want := range tests {
		if got := r.String(text); got != want {
			t.Errorf("String(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestRedactingWriterHoldsBackOnlyWhatMayBeASecret(t *testing.T) {
	var b bytes.Buffer
	w := redact.New("abcdef").Writer(&b)
	steps := []struct{ write, want string }{
		{"log abc", "log "},
		{"", "log "},
		{"de", "log "},
		{"f", "log ***"},
		{"\nabc", "log ***\n"},
		{"x", "log ***\nabcx"},
		{"abcd", "log ***\nabcx"},
	}
	for _, step := range steps {
		n, err := fmt.Fprint(w, step.write)
		if err != nil || n != len(step.write) {
			t.Fatalf("write of %q: %d, %v", step.write, n, err)
		}
		if b.String() != step.want {
			t.Errorf("after %q: got %q, want %q", step.write, b.String(), step.want)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "log ***\nabcxabcd"; b.String() != want {
		t.Errorf("after Flush: got %q, want %q", b.String(), want)
	}
}

func TestRedactingWriterReportsErrors(t *testing.T) {
	w := redact.New().Writer(broken{})
	if n, err := w.Write([]byte("x")); n != 0 || !errors.Is(err, errBroken) {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestRedactingWriterIsSafeForConcurrentUse(t *testing.T) {
	var b bytes.Buffer
	w := redact.New("abcdef").Writer(&b)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				_, _ = w.Write([]byte("[abcdef]\n"))
			}
		})
	}
	wg.Wait()
	if want := strings.Repeat("[***]\n", 800); b.String() != want {
		t.Error("writes were mixed or not masked")
	}
}

// For any cut of the stream no secret appears, the rest stays as it is, and the result is that of the uncut text.
func FuzzRedactingWriter(f *testing.F) {
	f.Add("abcdef", "defghi", "x abcdefghi y", uint(3), uint(2))
	f.Add(secret, "line one\nline two", "see "+secret+" and line one\nline two", uint(7), uint(1))
	f.Add("aaaaaaaa", "aaaaaab", "aaaaaaaaaaaaaabaaaa", uint(5), uint(4))
	f.Add("비밀번호여섯", "", "비밀번호여섯비밀번", uint(1), uint(1))
	f.Add("abcdef", "", base64.StdEncoding.EncodeToString([]byte("u:abcdef")), uint(6), uint(3))
	f.Fuzz(func(t *testing.T, one, two, text string, first, step uint) {
		secrets := []string{one, two}
		r := redact.New(secrets...)
		whole := r.String(text)

		var b bytes.Buffer
		w := r.Writer(&b)
		for rest, n := []byte(text), first; len(rest) > 0; n = step%7 + 1 {
			cut := min(int(n%64), len(rest))
			if _, err := w.Write(rest[:cut]); err != nil {
				t.Fatal(err)
			}
			rest = rest[cut:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if b.String() != whole {
			t.Fatalf("cut: %q\nwhole: %q", b.String(), whole)
		}
		for _, s := range secrets {
			if len([]rune(s)) >= 4 && !strings.Contains(s, "*") && strings.Contains(whole, s) {
				t.Fatalf("%q shows in %q", s, whole)
			}
		}
		if !isMasked(text, whole) {
			t.Fatalf("%q is not %q with parts masked", whole, text)
		}
	})
}

// isMasked reports whether redacted is text with some non-empty parts replaced by the mask.
func isMasked(text, redacted string) bool {
	parts := strings.Split(redacted, "***")
	if strings.Contains(text, "*") { // the text's own asterisks: no telling them from the mask
		return true
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	for i, part := range parts[1:] {
		text = text[len(parts[i]):]
		at := strings.Index(text[min(1, len(text)):], part)
		if i == len(parts)-2 {
			at = len(text) - 1 - len(part)
		}
		if at < 0 || !strings.HasPrefix(text[min(1, len(text)):][at:], part) {
			return false
		}
		text = text[1+at:]
	}
	return len(parts) > 1 || text == redacted
}

func BenchmarkRedactingWriter(b *testing.B) {
	line := []byte("#12 3.456 > Task :server-core:compileJava UP-TO-DATE, ghp_ and more of the build's log\n")
	w := redact.New(secret, "github_pat_0123456789abcdef").Writer(discard{})
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = w.Write(line)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
