package notify_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/notify"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/inbox"
)

// A webhook that answers without end is not read to its end, which would fill the memory.
func TestAttackFlood(t *testing.T) {
	const much = 1 << 30
	var written atomic.Int64
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		w.WriteHeader(http.StatusInternalServerError)
		for r.Context().Err() == nil && written.Load() < much {
			n, err := io.WriteString(w, strings.Repeat("x", 1<<16))
			if err != nil {
				return
			}
			written.Add(int64(n))
		}
	}))
	t.Cleanup(server.Close)
	address := "generic://" + strings.TrimPrefix(server.URL, "http://") + "/x?disabletls=yes"
	if errs := notify.Send(t.Context(), message(t, "en"), []string{address}, patience); len(errs) != 1 {
		t.Errorf("errors %v", errs)
	}
	<-ended
	if got := written.Load(); got >= much {
		t.Errorf("%d bytes were read", got)
	}
}

// A mail server that does not offer STARTTLS gets no message, unless it is on this machine.
func TestAttackMailInTheClear(t *testing.T) {
	received.Forget()
	host, port, _ := strings.Cut(received.MailAddress(), ":")
	const to = "/?from=ci@example.com&to=a@example.com"
	login := "smtp://dev:" + inbox.MailPassword + "@"
	for address, want := range map[string]string{
		login + "mail.example.com:25" + to + "&starttls=no":                  "in the clear",
		login + "mail.example.com:25" + to + "&encryption=None&starttls=no":  "in the clear",
		login + "mail.example.com:25" + to + "&UseStartTLS=No":               "in the clear",
		login + host + ":" + port + to + "&requirestarttls=yes":              "StartTLS",
		login + "mail.invalid:25" + to + "&encryption=implicittls&x=&test=1": "",
	} {
		errs := notify.Send(t.Context(), message(t, "en"), []string{address}, patience)
		if len(errs) != 1 || !strings.Contains(strings.ToLower(errs[0].Error()), strings.ToLower(want)) {
			t.Errorf("%s: %v", address, errs)
		}
	}
	if mails := received.Mails(); len(mails) > 0 {
		t.Errorf("%d mails arrived", len(mails))
	}
}
