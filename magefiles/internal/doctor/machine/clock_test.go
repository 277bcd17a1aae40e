package machine_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor/machine"
)

// at serves a clock that is off, with an answer that is a refusal.
func at(t *testing.T, off time.Duration) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestClock(t *testing.T) {
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	for name, test := range map[string]struct {
		addresses []string
		want      doctor.Status
		text      string
	}{
		"right":           {[]string{at(t, 0), dead.URL}, doctor.OK, "in sync with 127.0.0.1"},
		"a minute behind": {[]string{at(t, 90*time.Second)}, doctor.Warn, "behind 127.0.0.1"},
		"an hour ahead":   {[]string{at(t, 0), at(t, -time.Hour)}, doctor.Fail, "ahead of 127.0.0.1"},
		"an hour behind":  {[]string{at(t, time.Hour), at(t, 0)}, doctor.Fail, "behind 127.0.0.1"},
		"nobody tells":    {[]string{dead.URL}, doctor.Skipped, "no server"},
		"nobody is asked": {nil, doctor.Skipped, "no server"},
	} {
		t.Run(name, func(t *testing.T) {
			got := machine.Clock(t.Context(), http.DefaultClient, test.addresses)
			if got.Status != test.want || !strings.Contains(got.Text, test.text) {
				t.Errorf("%+v", got)
			}
		})
	}
}
