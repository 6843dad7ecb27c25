"""The carrier's refusals: its codes, the HTTP status and the words that go with each."""

_MESSAGES: dict[int, tuple[int, str]] = {
    20001: (400, "A parameter of the request is invalid."),
    20003: (401, "Authentication Error - invalid username"),
    20004: (405, "Method not allowed"),
    20009: (409, "Cannot delete message because delivery is still in process."),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL"),
    21206: (400, "SendDigits is invalid"),
    21208: (400, "Timeout is invalid"),
    21209: (400, "Method is invalid"),
    21210: (400, "'From' phone number is not yet verified or not owned by this account"),
    21213: (400, "'From' phone number is required"),
    21214: (400, "'To' phone number cannot be reached"),
    21215: (400, "Geo Permission configuration is not permitting call"),
    21216: (400, "Account not allowed to call this phone number"),
    21217: (400, "Phone number does not appear to be valid"),
    21218: (400, "ApplicationSid is invalid"),
    21220: (400, "Invalid call state"),
    21211: (400, "Invalid 'To' Phone Number"),
    21212: (400, "Invalid From Number (caller ID)"),
    21408: (
        400,
        "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    ),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number is not a valid, SMS-capable number for your account."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (400, "This 'From' number has exceeded the maximum number of queued messages"),
    21612: (400, "The 'To' phone number is not currently reachable using the 'From' phone number via SMS"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21705: (400, "The Messaging Service Sid is invalid"),
    30400: (400, "A message cannot be redacted and cancelled at once"),
    30409: (409, "The message is already in a final state and cannot be cancelled"),
    32018: (400, "The Twiml parameter exceeds the 4000 character limit"),
    35111: (400, "The SendAt timestamp is missing or malformed"),
    35114: (400, "SendAt must be between 15 minutes and 35 days from now"),
    35118: (400, "MessagingServiceSid is required to schedule a message"),
}


class Refused(Exception):
    """The carrier does not do what was asked, for the reason of `code` (see `twilio.com/docs/api/errors`)."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.status, self.message = _MESSAGES[code]
        super().__init__(f"{code} {self.message}")

    def document(self) -> dict[str, object]:
        """The error as the API writes it; the words never quote the number."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
