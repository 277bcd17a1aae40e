package notify

import (
	"testing"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/email/smtp"
)

// A server elsewhere must offer STARTTLS: that its offer is missing, as where somebody has taken it out, fails the message.
func TestMailRequiresSTARTTLS(t *testing.T) {
	for name, test := range map[string]struct {
		config            smtp.Config
		required, refused bool
	}{
		"elsewhere":           {smtp.Config{Host: "mail.example.com", Port: 587, UseStartTLS: true, Encryption: smtp.EncAuto}, true, false},
		"elsewhere, explicit": {smtp.Config{Host: "mail.example.com", Port: 25, UseStartTLS: true, Encryption: smtp.EncExplicitTLS}, true, false},
		"elsewhere, without":  {smtp.Config{Host: "mail.example.com", Port: 25, Encryption: smtp.EncNone}, false, true},
		"TLS from the start":  {smtp.Config{Host: "mail.example.com", Port: 465, UseStartTLS: true, Encryption: smtp.EncAuto}, false, false},
		"this machine":        {smtp.Config{Host: "127.0.0.1", Port: 25, Encryption: smtp.EncAuto}, false, false},
	} {
		err := requireTLS(&test.config)
		if (err != nil) != test.refused || test.config.RequireStartTLS != test.required {
			t.Errorf("%s: required %t, %v", name, test.config.RequireStartTLS, err)
		}
	}
}
