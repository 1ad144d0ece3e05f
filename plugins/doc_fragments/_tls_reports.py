# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where TLS reports arrive and what to tell of them, once for both modules. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    """The options sources, domains, defaults, since, until, dkim and sum_up."""

    DOCUMENTATION = r"""
requirements:
  - dnspython >= 2.6, to look up keys of signatures and, for dictionaries in O(domains) without C(mx), MX records;
    without it signatures are not looked at, and nothing is said of what such domains' senders should see
  - dkimpy >= 1.0, to look at signatures; without it they are not looked at
options:
  sources:
    description:
      - Where reports arrive. All are read, one after the other; one that cannot be read is named in RV(problems), and
        the others are read all the same.
      - Nothing that is read is trusted. No input may be larger than 15 MB as a mail, 10 MB packed or 20 MB unpacked,
        and no link, pipe or device in a folder is opened.
    type: list
    elements: dict
    default: []
    suboptions:
      type:
        description:
          - "V(folder): the plain files in a folder, not those in folders below it, nor hidden ones. C(.json), C(.gz)
            and C(.eml) are what they are called; of others their beginning tells, as of the files that a web server has
            stored."
          - "V(maildir): a Maildir, its folders C(new) and C(cur). No mail is marked or moved."
          - "V(mbox): a file in mbox format. It is neither locked nor written to; a mail that is just being delivered
            is read by the next run."
          - "V(imap): a folder of an IMAP account, over TLS. It is opened read-only, unless there is something to move."
        type: str
        choices: [folder, maildir, mbox, imap]
        required: true
      path:
        description: The folder, the Maildir or the mbox.
        type: path
      host:
        description: The IMAP server, by the name in its certificate.
        type: str
      tls:
        description:
          - V(implicit) TLS from the first byte, or after V(starttls). Without TLS no password is sent.
        type: str
        choices: [implicit, starttls]
        default: implicit
      port:
        description: Its port. Without it 993, with V(starttls) 143.
        type: int
      user:
        description: The account.
        type: str
      password:
        description: Its password.
        type: str
      folder:
        description: The folder, as people write it. The server says how folders in one another are written.
        type: str
        default: INBOX
      since:
        description:
          - Leave mails alone that were received before that day, such as V(2027-01-21), or V(4w) for four weeks ago.
            Without it, all are read. For V(imap) only.
        type: str
      move_to:
        description:
          - The folder to which M(postmaster.mta_sts.tls_reports) moves what it has read as a report, once the state is
            written. It must exist. All other mails stay where they are, and so do those that earlier runs have read
            without it.
          - For V(imap) only. M(postmaster.mta_sts.tls_reports_info) moves nothing.
        type: str
      ca_path:
        description: A PEM file with the CA certificates to trust. Without it, the system's.
        type: path
      validate_certs:
        description: Whether to verify the server's certificate. Without that the password may be anybody's.
        type: bool
        default: true
      timeout:
        description: Seconds one command may take altogether. Up to 4 MB of mails are fetched by one.
        type: float
        default: 60
  domains:
    description:
      - The mail domains to tell about, each a name, or a dictionary as in
        O(postmaster.mta_sts.domains_info#module:domains). Reports about any other are counted in RV(left_out), and left
        out - anybody can send reports about any domain.
      - For a dictionary RV(outdated) says who still sees another policy than it calls for.
    type: list
    elements: raw
    required: true
  defaults:
    description: Defaults for the dictionaries, as in O(postmaster.mta_sts.domains_info#module:defaults).
    type: dict
    default: {}
  since:
    description:
      - Tell of this day and later ones, such as V(2027-01-21), or V(4w) for four weeks ago. The day is that on which a
        report begins, in UTC. Without it, of all.
    type: str
  until:
    description: Tell of this day and earlier ones, written in the same way.
    type: str
  dkim:
    description:
      - Whether to look at the DKIM signatures of mails. One counts if it covers the author, and if its domain is the
        author's or above it, and related to the C(TLS-Report-Submitter) where the mail names one (RFC 8460, section 3).
      - C(dkim) in RV(days) says of how many reports the signature was good (V(pass)), bad (V(fail)) or missing
        (V(none)), and which were not looked at, for they did not come by mail, DNS was silent, or the signature was
        good for some days only. It is for you to judge what that makes of a report.
    type: bool
    default: true
  sum_up:
    description:
      - Whether to return RV(figures) in place of RV(days). They say less of a report, and they are all that
        M(postmaster.mta_sts.tls_reports_overview) needs.
      - With ten thousands of rows Ansible takes longer to pass them on than it takes to read the reports.
    type: bool
    default: false
"""
