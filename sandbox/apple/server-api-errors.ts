/** An error as the App Store Server API answers it. */
export class AppleApiError extends Error {
  constructor(
    readonly status: number,
    /** Null where Apple gives no code: it does not say who it is not talking to. */
    readonly errorCode: number | null,
    message: string,
  ) {
    super(message);
  }

  get body(): object {
    return this.errorCode === null
      ? { error: this.message }
      : { errorCode: this.errorCode, errorMessage: this.message };
  }
}
